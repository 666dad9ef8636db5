import { describe, expect, it } from "vitest";
import { environmentOf } from "../../../src/domain/environment.ts";
import { priorityOf } from "../../../src/domain/priority.ts";
import { eventSeverity, severityOf } from "../../../src/domain/severity.ts";

describe("severity", () => {
  it.each([
    ["Prometheus rules", { critical: "critical|page", warning: "warning|warn|ticket", info: "info", none: "none" }],
    ["Zabbix", { critical: "Disaster|High", warning: "Average|Warning", info: "Information|Not classified" }],
    ["PagerDuty", { critical: "critical|error", warning: "warning", info: "info" }],
    ["Opsgenie and Datadog", { critical: "P1", warning: "P2", info: "P3|P4|P5" }],
    ["Nagios and Icinga", { critical: "CRITICAL|DOWN|UNREACHABLE", warning: "WARNING|UNKNOWN", info: "OK" }],
    ["syslog", { critical: "emerg|panic|alert|crit|err|0|1|2", warning: "warning", info: "notice|info|debug|6|7" }],
    [
      "ServiceNow and ITIL",
      { critical: "1|2|1 - Critical|2 - High|Major", warning: "3|3 - Moderate", info: "4|5|4 - Low|5 - Planning|Minor" },
    ],
    ["Azure", { critical: "Sev0|Sev1", warning: "Sev2", info: "Sev3|Sev4|Verbose|Informational" }],
    ["on-call teams", { critical: "SEV-1|sev 0|S1|urgent|P0", warning: "SEV-2|s2", info: "SEV-3|s4|sev5" }],
    ["issue trackers", { critical: "blocker|Highest|severe", warning: "medium|moderate", info: "minor|trivial|Lowest|low" }],
    ["Google Cloud", { critical: "EMERGENCY|ALERT|CRITICAL|ERROR", warning: "WARNING", info: "NOTICE|INFO|DEBUG" }],
    ["Sentry", { critical: "fatal|error", warning: "warning", info: "info|debug" }],
    ["Dynatrace", { critical: "AVAILABILITY|ERROR", warning: "PERFORMANCE|RESOURCE_CONTENTION|CUSTOM_ALERT", info: "INFO" }],
    ["vCenter", { critical: "red", warning: "yellow", info: "green" }],
  ])("is read in the dialect of %s", (_, dialect) => {
    const read = (words: string) => words.split("|").map((word) => [word, severityOf(word)]);
    for (const [severity, words] of Object.entries(dialect)) {
      expect(read(words)).toEqual(words.split("|").map((word) => [word, { severity, known: true }]));
    }
  });

  it.each([
    [
      "critical",
      [" CRIT ", "severity: critical", "severity=1", "Level-High", "P 1", "critical alert", "[Critical]", "Very High", "3 (high)"],
    ],
    ["warning", ["WARN!", "priority 2", "moderate/medium"]],
    ["info", ["NotClassified", "not-classified", "priority: low", "sev_4", "low urgency", "2 - low"]],
    ["none", ["None", "severity: none"]],
  ])("is %s whatever stands between, before and around the word", (severity, words) => {
    expect(words.map((word) => [word, severityOf(word)])).toEqual(words.map((word) => [word, { severity, known: true }]));
  });

  it.each([
    ...["", " ", "terrible", "non-critical", "not ok", "no page", "12", "-", "P9", "1 2", "severity", "критично"],
    ...["__proto__", "constructor", `critical${" ".repeat(64)}`, undefined],
  ])("is a warning and unknown for %j", (word) => {
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
