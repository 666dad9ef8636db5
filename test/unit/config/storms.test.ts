import { describe, expect, it } from "vitest";
import type { AllRoleConfig } from "../../../src/config/config.ts";
import { loadConfig } from "../../../src/config/load.ts";

type Env = Readonly<Record<string, unknown>>;

/** Everything in one process before a cluster of its own, unless `env` says otherwise. */
function load(env: Env) {
  const texts = Object.entries(env).map(([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value)]);
  return loadConfig({ KUBE_CONFIG: "in-cluster", ...Object.fromEntries(texts) }, "process");
}
function stormOf(env: Env) {
  const loaded = load(env);
  if (!loaded.ok) throw new Error(loaded.problems.join("\n"));
  return (loaded.config as AllRoleConfig).gateway.storm;
}
function problemsOf(env: Env): readonly string[] {
  const loaded = load(env);
  return loaded.ok ? [] : loaded.problems;
}
const DEFAULTS = { threshold: 5, firstRequestMs: 45_000, joinMs: 600_000 };
const match = { alertname: "HighCpu" };

describe("storms", () => {
  it("are folded by the defaults, which are short on the emulated Kubernetes API", () => {
    expect(stormOf({})).toEqual({ enabled: true, defaults: DEFAULTS, rules: [] });
    expect(stormOf({ KUBE_CONFIG: "" }).defaults).toEqual({ threshold: 5, firstRequestMs: 3_000, joinMs: 60_000 });
    expect(stormOf({ KUBE_CONFIG: "", STORM_FIRST_REQUEST_SECONDS: "45", STORM_JOIN_SECONDS: "7" }).defaults).toMatchObject({
      firstRequestMs: 45_000,
      joinMs: 7_000,
    });
  });

  it("can be turned off and set", () => {
    const env = { ENABLE_STORM_BUFFERING: "false", STORM_THRESHOLD: "2", STORM_FIRST_REQUEST_SECONDS: "1", STORM_JOIN_SECONDS: "2" };
    expect(stormOf(env)).toMatchObject({ enabled: false, defaults: { threshold: 2, firstRequestMs: 1_000, joinMs: 2_000 } });
  });

  it("have bounds of the ledger's", () => {
    const loaded = load({ STORM_MAX_WINDOW_SECONDS: "60", STORM_MAX_ALERTS: "20", STORM_MAX_PER_NAMESPACE: "30", STORM_MAX_TOTAL: "40" });
    expect(loaded).toMatchObject({
      config: { ledger: { windowMaxMs: 60_000, windowAlertsMax: 20, bufferedMax: { perNamespace: 30, total: 40 } } },
    });
  });

  it.each([
    ["STORM_THRESHOLD", "1"],
    ["STORM_THRESHOLD", "21"],
    ["STORM_FIRST_REQUEST_SECONDS", "0"],
    ["STORM_JOIN_SECONDS", "0"],
    ["STORM_MAX_WINDOW_SECONDS", "86401"],
    ["STORM_MAX_ALERTS", "19"],
    ["STORM_MAX_ALERTS", "10001"],
    ["STORM_MAX_PER_NAMESPACE", "19"],
    ["STORM_MAX_TOTAL", "1000001"],
    ["ENABLE_STORM_BUFFERING", "on"],
  ])("refuse %s=%s", (name, value) => {
    expect(problemsOf({ [name]: value })).toEqual([expect.stringMatching(new RegExp(`^${name} must be `))]);
  });

  it("may not wait for longer than a storm lives", () => {
    expect(problemsOf({ STORM_MAX_WINDOW_SECONDS: "44" })).toEqual([
      "STORM_FIRST_REQUEST_SECONDS must be at most STORM_MAX_WINDOW_SECONDS: 45 s are more than 44 s",
    ]);
    expect(problemsOf({ STORM_MAX_WINDOW_SECONDS: "45", STORM_JOIN_SECONDS: "600" })).toEqual([]);
  });
});

describe("a rule", () => {
  it("says for which alerts it is, and changes what it names", () => {
    const full = { namespace: "shop-*", alertname: "*Cpu", severity: "critical" };
    expect(stormOf({ STORM_RULE_Checkout: { match: full, bypass: true } }).rules).toEqual([
      { name: "checkout", match: full, windowRules: null },
    ]);
    expect(stormOf({ STORM_RULE_A: { match, threshold: 3 }, STORM_RULE_B: { match, firstRequestSeconds: 9, joinSeconds: 8 } })).toEqual({
      enabled: true,
      defaults: DEFAULTS,
      rules: [
        { name: "a", match: { namespace: null, alertname: "HighCpu", severity: null }, windowRules: { ...DEFAULTS, threshold: 3 } },
        {
          name: "b",
          match: { namespace: null, alertname: "HighCpu", severity: null },
          windowRules: { threshold: 5, firstRequestMs: 9_000, joinMs: 8_000 },
        },
      ],
    });
  });

  it("of a higher priority comes first, of an equal one in the order of names", () => {
    const rule = (priority?: number) => ({ match, bypass: true, ...(priority !== undefined && { priority }) });
    const env = { STORM_RULE_Z: rule(7), STORM_RULE_B: rule(), STORM_RULE_a: rule(0), STORM_RULE_C: rule(1_000), STORM_RULE_Y: rule(7) };
    expect(stormOf(env).rules.map(({ name }) => name)).toEqual(["c", "y", "z", "a", "b"]);
  });

  it("that is empty is none", () => {
    expect(stormOf({ STORM_RULE_A: " " }).rules).toEqual([]);
  });

  it.each([
    ["no JSON", "10", "STORM_RULE_X must be an object"],
    ["half a JSON", "{", "STORM_RULE_X must be JSON"],
    ["no match", { bypass: true }, "STORM_RULE_X match must be an object"],
    ["an empty match", { match: {}, bypass: true }, "STORM_RULE_X match must hold namespace, alertname or severity"],
    [
      "unknown fields",
      { match, bypass: true, group: 1 },
      "STORM_RULE_X may hold only priority, match, bypass, threshold, firstRequestSeconds, joinSeconds",
    ],
    [
      "an unknown label",
      { match: { ...match, pod: "x" }, bypass: true },
      "STORM_RULE_X match may hold only namespace, alertname, severity",
    ],
    ["another severity", { match: { severity: "page" }, bypass: true }, "STORM_RULE_X match.severity must be critical, warning or info"],
    [
      "a bad namespace",
      { match: { namespace: "Shop" }, bypass: true },
      "STORM_RULE_X match.namespace must be a namespace, * standing for any part of it",
    ],
    [
      "an empty name",
      { match: { alertname: "" }, bypass: true },
      "STORM_RULE_X match.alertname must be a name of 1 to 253 characters, * standing for any part of it",
    ],
    [
      "two minds",
      { match, bypass: true, threshold: 3 },
      "STORM_RULE_X must hold either bypass or some of threshold, firstRequestSeconds, joinSeconds",
    ],
    ["nothing to say", { match }, "STORM_RULE_X must hold either bypass or some of threshold, firstRequestSeconds, joinSeconds"],
    ["bypass false", { match, bypass: false, threshold: 3 }, "STORM_RULE_X bypass must be true"],
    ["a threshold of one", { match, threshold: 1 }, "STORM_RULE_X threshold must be a whole number from 2 to 20"],
    ["a threshold in words", { match, threshold: "5" }, "STORM_RULE_X threshold must be a whole number from 2 to 20"],
    ["half a second", { match, firstRequestSeconds: 0.5 }, "STORM_RULE_X firstRequestSeconds must be a whole number from 1 to 600"],
    ["no time to join", { match, joinSeconds: 0 }, "STORM_RULE_X joinSeconds must be a whole number from 1 to 86400"],
    ["a priority below 0", { match, bypass: true, priority: -1 }, "STORM_RULE_X priority must be a whole number from 0 to 1000"],
  ])("with %s is a problem", (_, value, problem) => {
    expect(problemsOf({ STORM_RULE_X: value })).toEqual([problem]);
  });

  it("may not wait for longer than a storm lives", () => {
    expect(problemsOf({ STORM_MAX_WINDOW_SECONDS: "60", STORM_RULE_X: { match, firstRequestSeconds: 61 } })).toEqual([
      "STORM_RULE_X firstRequestSeconds must be at most STORM_MAX_WINDOW_SECONDS: 61 s are more than 60 s",
    ]);
  });

  it("has a name of its own", () => {
    const rule = { match, bypass: true };
    expect(problemsOf({ STORM_RULE_X: rule, STORM_RULE_x: rule })).toEqual(["STORM_RULE_X is there more than once, in other letters"]);
    for (const name of ["STORM_RULE_", "STORM_RULE_a-b", `STORM_RULE_${"a".repeat(41)}`])
      expect(problemsOf({ [name]: rule })).toEqual([`${name}: a rule's name is 1 to 40 letters, digits and _`]);
    expect(problemsOf({ STORM_RULES: rule })).toEqual(["STORM_RULES is no setting: did you mean STORM_RULE_<NAME>?"]);
  });

  it("is named with every other problem at once", () => {
    const problems = problemsOf({ STORM_RULE_A: { match, threshold: 99, oops: 1 }, STORM_RULE_B: "{", STORM_THRESHOLD: "0", PORT: "x" });
    expect(problems.map((problem) => problem.split(" ")[0]).toSorted()).toEqual([
      "PORT",
      "STORM_RULE_A",
      "STORM_RULE_A",
      "STORM_RULE_B",
      "STORM_THRESHOLD",
    ]);
  });
});
