import { describe, expect, it } from "vitest";
import type { Severity } from "../../../src/domain/remediation-request.ts";
import { judgeStorm, type StormRule, windowRulesBy } from "../../../src/domain/storm-rules.ts";

const DEFAULTS = { threshold: 5, firstRequestMs: 45_000, joinMs: 600_000 };
const OWN = { threshold: 2, firstRequestMs: 1_000, joinMs: 2_000 };
const ANY = { namespace: null, alertname: null, severity: null };
const alert = (namespace = "shop", name = "HighCpu", severity: Severity = "warning") => ({ namespace, name, severity });
const rule = (name: string, match: Partial<StormRule["match"]>, windowRules: StormRule["windowRules"] = OWN): StormRule => ({
  name,
  match: { ...ANY, ...match },
  windowRules,
});
const judge = (rules: readonly StormRule[], judged = alert()) => judgeStorm({ enabled: true, defaults: DEFAULTS, rules }, judged);

describe("an alert", () => {
  it("that no rule is for waits under the defaults", () => {
    expect(judge([])).toEqual({ rule: null, windowRules: DEFAULTS });
    expect(judge([rule("other", { namespace: "billing" })])).toEqual({ rule: null, windowRules: DEFAULTS });
  });

  it("waits under the first rule that is for it", () => {
    const rules = [rule("bill", { namespace: "billing" }), rule("shops", { namespace: "sh*" }), rule("all", { namespace: "*" }, null)];
    expect(judge(rules)).toEqual({ rule: "shops", windowRules: OWN });
  });

  it("passes at once by a rule that says so", () => {
    expect(judge([rule("fast", { severity: "warning" }, null)])).toEqual({ rule: "fast", windowRules: null });
  });

  it("passes at once while storms are off, whatever the rules", () => {
    const policy = { enabled: false, defaults: DEFAULTS, rules: [rule("all", { namespace: "*" })] };
    expect(judgeStorm(policy, alert())).toEqual({ rule: null, windowRules: null });
    expect(windowRulesBy(policy)(alert())).toBeNull();
  });
});

describe("a rule", () => {
  const match = { namespace: "shop-*", alertname: "*Cpu", severity: "critical" } as const;

  it.each([
    [alert("shop-eu", "HighCpu", "critical"), "r"],
    [alert("shop", "HighCpu", "critical"), null],
    [alert("shop-eu", "HighCpuTime", "critical"), null],
    [alert("shop-eu", "HighCpu", "info"), null],
  ])("is for those that all it names fit: %j", (judged, name) => {
    expect(judge([rule("r", match)], judged).rule).toBe(name);
  });

  it("for every namespace is for alerts without one too", () => {
    expect(judge([rule("r", { namespace: "*" })], alert("")).rule).toBe("r");
    expect(judge([rule("r", { namespace: "s*" })], alert("")).rule).toBeNull();
  });
});
