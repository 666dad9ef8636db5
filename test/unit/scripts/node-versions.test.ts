import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

it("the README names the Node that npm needs, and the one that runs the sources as they are", () => {
  const { engines, dependencies } = JSON.parse(readFileSync("package.json", "utf8"));
  const readme = readFileSync("README.md", "utf8");
  const major = (range: string) => /\d+/.exec(range)?.[0];
  expect(readme).toContain(`You need Node ${major(engines.node)} or newer and npm`);
  expect(readme).toContain(`\`node src/entry/node.ts\` with Node ${major(dependencies.node)}`);
});
