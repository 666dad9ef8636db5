import { describe, expect, it } from "vitest";
import { withRun } from "../../../scripts/figures/page.ts";

const run = (suite: string, value: number) => ({
  suite,
  command: suite,
  figures: [{ name: "reads", value, unit: "requests" }],
  at: new Date("2026-03-01T00:00:00Z"),
});

describe("the page of figures", () => {
  it("gets a section for a suite that has none, after all others", () => {
    const page = withRun(withRun("# Figures\n\nWhat was measured.\n", run("one", 1)), run("two", 2));
    expect(page.match(/^## .*$|^reads .*$/gm)).toEqual(["## one", "reads 1 requests", "## two", "reads 2 requests"]);
    expect(page.startsWith("# Figures\n\nWhat was measured.\n\n## one\n")).toBe(true);
  });

  it("keeps the sections of other suites, and its own in its place", () => {
    const page = ["one", "two"].reduce((before, suite) => withRun(before, run(suite, 1)), "# Figures\n");
    const after = withRun(page, run("one", 9));
    expect(after.match(/^## .*$|^reads .*$/gm)).toEqual(["## one", "reads 9 requests", "## two", "reads 1 requests"]);
    expect(withRun(after, run("one", 9))).toBe(after);
  });
});
