import { describe, expect, it } from "vitest";
import { environmentOf } from "../../../src/domain/environment.ts";
import { priorityOf } from "../../../src/domain/priority.ts";
import { eventSeverity, severityOf } from "../../../src/domain/severity.ts";

describe("severity", () => {
  it.each([
    ["critical", "critical page emergency fatal high p0 p1 error Critical PAGE P1"],
    ["warning", "warning Warning p2"],
    ["info", "info notice low debug p3 INFO"],
    ["none", "none None"],
  ])("is %s for its words, in any case", (severity, words) => {
    for (const word of words.split(" ")) expect(severityOf(word)).toEqual({ severity, known: true });
  });

  it.each(["", "5", "terrible", "__proto__", "constructor", undefined])("is a warning and unknown for %j", (word) => {
    expect(severityOf(word)).toEqual({ severity: "warning", known: false });
  });

  it("of an event is critical where something does not run", () => {
    for (const reason of ["OOMKilled", "NodeNotReady", "FailedScheduling", "Evicted", "FailedMount", "NetworkNotReady"]) {
      expect(eventSeverity(reason)).toBe("critical");
    }
    expect(eventSeverity("BackOff")).toBe("warning");
  });
});

describe("environment", () => {
  it.each([
    [{ environment: "staging", env: "dev" }, "prod", "staging"],
    [{ env: "dev" }, "prod", "dev"],
    [{ environment: " " }, "prod", "prod"],
    [{}, null, "unknown"],
    [{ env: "😀".repeat(70) }, null, "😀".repeat(63)],
  ])("of %j from a source in %s is %s", (labels, fallback, environment) => {
    expect(environmentOf(labels, fallback)).toBe(environment);
  });
});

describe("priority", () => {
  it.each([
    [{ priority: "P3" }, "critical", "production", "P3"],
    [{ priority: "p0" }, "info", "dev", "P0"],
    [{ priority: "P4" }, "critical", "dev", "P1"],
    [{ priority: "high" }, "info", "dev", "P3"],
    [{}, "critical", "production", "P0"],
    [{}, "critical", "reproduction", "P1"],
    [{}, "warning", "production", "P2"],
    [{}, "info", "production", "P3"],
  ] as const)("of %j, %s in %s is %s", (labels, severity, environment, priority) => {
    expect(priorityOf(labels, severity, environment)).toBe(priority);
  });
});
