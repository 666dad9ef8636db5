import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { boundsInTheEngine, limitsInTheEngine, MAY_NAME_REASONS, reasonsInTheEngine, statesInTheEngine } from "./deciding.ts";
import { readLuaFiles, type SourceFile } from "./source-file.ts";

const lua = readLuaFiles("src");
const flow = (text: string): SourceFile[] => [{ path: "src/flows/sweep-windows.ts", text }];

describe("the rule of who decides catches", () => {
  it.each([
    "const storm = window.members + 1 < window.threshold;",
    "if (rules.threshold <= members) join();",
    "return nowMs - checkedAt < rules.stateTtlMs;",
    "if (open === intentsMax) refuse();",
  ])("the bound in %j", (text) => {
    expect(boundsInTheEngine(flow(text))).toHaveLength(1);
  });

  it("a limit of the ledger", () => {
    const text = 'import { DEAD_RETRY_MS } from "../domain/ledger-limits.ts";\nexport const due = (at: number) => at > DEAD_RETRY_MS;';
    expect(limitsInTheEngine(flow(text))).toHaveLength(1);
  });

  it.each([
    'return { outcome: "buffered", reason: "window-opened" };',
    'return full ? "buffer-full" : null; const reason = known ? "request-live" : "request-pending";',
    'if (reason === "within-fallback-time") again();',
  ])("the reason in %j", (text) => {
    expect(reasonsInTheEngine(lua)(flow(text)).length).toBeGreaterThan(0);
  });

  it.each(['if (glimpse.state === "waiting") hold();', 'const window = fields[0] === "held" ? fields[4] : null;', 'state !== "pending"'])(
    "the state in %j",
    (text) => {
      expect(statesInTheEngine(lua)(flow(text))).toHaveLength(1);
    },
  );
});

describe("the rule of who decides allows", () => {
  it.each([
    "const args = [rules.threshold, rules.firstRequestMs];",
    "if (firstRequestMs === undefined) return null;",
    "/** At most intentsMax > 0. */",
    'const kind = result.kind === "pending";',
    'events.push("request-ended");',
  ])("%j", (text) => {
    for (const rule of [boundsInTheEngine, limitsInTheEngine, reasonsInTheEngine(lua), statesInTheEngine(lua)])
      expect(rule(flow(text))).toEqual([]);
  });

  it("the configuration to check its bounds, and the engine everything", () => {
    const text = "const fits = firstRequestMs <= longestMs;";
    expect(boundsInTheEngine([{ path: "src/config/storms.ts", text }])).toEqual([]);
    expect(boundsInTheEngine([{ path: "src/ledger/engine/script.ts", text }])).toEqual([]);
  });

  it("only files that are there to name reasons", () => {
    expect(Object.keys(MAY_NAME_REASONS).filter((path) => !existsSync(path))).toEqual([]);
  });
});
