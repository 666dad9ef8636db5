import { describe, expect, it } from "vitest";
import { pageProblems } from "../../../scripts/documentation.ts";
import { lockfileProblems } from "../../../scripts/lockfile.ts";
import { strayProblems } from "../../../scripts/worker-bundle.ts";

const integrity = "sha512-x";

describe("the check of the lockfile", () => {
  it("catches another platform's binary that has no entry", () => {
    const tool = { integrity, optionalDependencies: { "@tool/linux-x64": "1.0.0", "@tool/darwin-arm64": "1.0.0" } };
    const packages = { "": {}, "node_modules/tool": tool, "node_modules/@tool/linux-x64": { integrity } };
    expect(lockfileProblems(packages)).toEqual(["node_modules/tool asks for @tool/darwin-arm64@1.0.0, which has no entry"]);
  });

  it("finds a binary wherever Node's resolution would", () => {
    const tool = { integrity, optionalDependencies: { "@tool/a": "1.0.0", "@tool/b": "1.0.0", "@tool/c": "1.0.0" } };
    const entries = ["node_modules/x", "node_modules/x/node_modules/tool/node_modules/@tool/a", "node_modules/x/node_modules/@tool/b"];
    const packages = Object.fromEntries([...entries, "node_modules/@tool/c"].map((key) => [key, { integrity }]));
    expect(lockfileProblems({ ...packages, "node_modules/x/node_modules/tool": tool })).toEqual([]);
  });

  it("catches an entry that is bound to a registry or has no integrity", () => {
    const packages = { "node_modules/a": { integrity, resolved: "https://registry.example/a.tgz" }, "node_modules/b": {} };
    expect(lockfileProblems(packages)).toHaveLength(2);
  });
});

describe("the check of the documentation", () => {
  const check = (text: string) =>
    pageProblems({ path: "docs/page.md", text }, (path) => path === "docs/here.md" || path === "README.md", ["check"]);

  it("catches a relative link that leads to nothing", () => {
    expect(check("[a](gone.md) ![b](gone.png#x)")).toHaveLength(2);
    expect(check('[a](here.md#part) [b](../README.md "title") [c](#part) [d](https://example.com/gone)')).toEqual([]);
  });

  it("catches a command that package.json doesn't have", () => {
    expect(check("`npm run gone`, `npm run -s gone -- x`")).toHaveLength(2);
    expect(check("`npm run check`, `npm test`")).toEqual([]);
  });
});

it("a Worker's bundle may hold neither Lua nor the embedded Redis", () => {
  const files = ["wasmoon-lua5.1", "Attempt to modify a readonly table", "redis.call('HGET')"].map((text, at) => ({
    path: `${at}.js`,
    text,
  }));
  expect(strayProblems(files)).toEqual(["0.js has Lua in WebAssembly in it", "1.js has the embedded Redis in it"]);
});
