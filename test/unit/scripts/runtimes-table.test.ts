import { describe, expect, it } from "vitest";
import { type CaseResult, runtimesTable, tableProblems } from "../../../scripts/runtimes-table.ts";

const versions = { Bun: "1.0.0", Node: "24.0.0" };
const groups = new Map([
  ["bodies", 2],
  ["routes", 1],
]);
const results = (failing?: string): CaseResult[] =>
  Object.keys(versions).flatMap((runtime) =>
    ["bodies", "bodies", "routes"].map((group) => ({ runtime, group, passed: `${runtime} ${group}` !== failing })),
  );

describe("the table of runtimes", () => {
  it("counts what passed on each, by group and in all", () => {
    expect(runtimesTable(results("Node routes"), versions).split("\n")).toEqual([
      "| Cases | Bun 1.0.0 | Node 24.0.0 |",
      "| --- | ---: | ---: |",
      "| bodies | 2 of 2 | 2 of 2 |",
      "| routes | 1 of 1 | 0 of 1 |",
      "| all | 3 of 3 | 2 of 3 |",
    ]);
  });

  it("is up to date when all cases of the suite passed on the present versions", () => {
    expect(tableProblems(runtimesTable(results(), versions), groups, versions)).toEqual([]);
  });

  it.each<[string, string, Map<string, number>, typeof versions]>([
    ["a case failed", runtimesTable(results("Bun routes"), versions), groups, versions],
    ["a group has more cases", runtimesTable(results(), versions), new Map([...groups, ["routes", 2]]), versions],
    ["there is a new group", runtimesTable(results(), versions), new Map([...groups, ["access", 4]]), versions],
    ["a group is gone", runtimesTable(results(), versions), new Map([["bodies", 2]]), versions],
    ["a runtime is newer", runtimesTable(results(), versions), groups, { ...versions, Bun: "1.0.1" }],
  ])("is out of date when %s", (_name, table, present, installed) => {
    expect(tableProblems(table, present, installed)).not.toEqual([]);
  });
});
