import { describe, expect, it } from "vitest";
import { withRun } from "../../../scripts/figures/page.ts";

const run = (command: string, value: number) => ({
  suite: command.split(" ")[0] ?? "",
  command,
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

  it("has a section for each part that was run alone, until the whole suite is run", () => {
    const parts = ["one a", "two", "one b"].reduce((before, command) => withRun(before, run(command, 1)), "# Figures\n");
    expect(parts.match(/^## .*$/gm)).toEqual(["## one a", "## two", "## one b"]);
    expect(
      withRun(parts, run("one b", 9))
        .match(/^## .*$|^reads .*$/gm)
        ?.slice(-2),
    ).toEqual(["## one b", "reads 9 requests"]);
    expect(withRun(parts, run("one", 2)).match(/^## .*$/gm)).toEqual(["## two", "## one"]);
  });
});
