import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { AllRoleConfig } from "../../../src/config/config.ts";
import { loadConfig } from "../../../src/config/load.ts";
import { identify } from "../../../src/domain/target/identity.ts";
import { targetOf } from "../../../src/domain/target/target-of.ts";

type Env = Readonly<Record<string, unknown>>;

const load = (env: Env) =>
  loadConfig(
    Object.fromEntries(Object.entries(env).map(([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value)])),
    "process",
  );

function rulesOf(env: Env) {
  const loaded = load(env);
  if (!loaded.ok) throw new Error(loaded.problems.join("\n"));
  return (loaded.config as AllRoleConfig).gateway.targetRules;
}

const find = (env: Env, labels: Record<string, string>) => {
  const target = targetOf(labels, { rules: rulesOf(env), mayWrite: () => true, explains: true });
  if (!target) throw new Error("refused");
  return target;
};
const fingerprint = async (env: Env, labels: Record<string, string>) => (await identify("A", find(env, labels))).fingerprint;

const database = {
  alertname: "DbDown",
  job: "acme-exporter",
  namespace: "monitoring",
  instance: "10.0.0.1:80",
  db_name: "orders",
  team: "shop",
};
const match = { job: "acme-*" };
const named = { match, kind: "Database.acme.example", name: "db-{db_name}", namespace: "{team}" };

describe("an operator's rule for targets", () => {
  it("names an object by the alert's labels", () => {
    expect(find({ TARGET_RULE_Acme: named }, database)).toMatchObject({
      rule: "rule:acme",
      resource: { kind: "Database", group: "acme.example", name: "db-orders" },
      namespace: "shop",
      explanation: { used: ["db_name", "team"] },
    });
  });

  it("names a cluster-scoped kind without a namespace, and lets none be named as Unknown", () => {
    const node = { match, kind: "Node", name: "{db_name}" };
    expect(find({ TARGET_RULE_A: node }, database)).toMatchObject({ resource: { kind: "Node", name: "orders" }, namespace: "" });
    const pod = { alertname: "A", namespace: "shop", pod: "web-0" };
    const none = { match: { pod: "web-*" }, kind: "Unknown" };
    expect(find({ TARGET_RULE_A: none }, pod)).toMatchObject({ rule: "rule:a", resource: null, namespace: "shop" });
  });

  it.each([
    ["a label that the alert lacks", { ...named, name: "{cluster_id}" }, "the alert has no label cluster_id"],
    ["what cannot be a name", { ...named, name: "{instance}" }, "what it makes of the labels cannot be the name of an object"],
    ["what cannot be a namespace", { ...named, namespace: "{instance}" }, "what it makes of the labels cannot be the name of a namespace"],
    ["what cannot be a kind", { ...named, kind: "{team}" }, "what it makes of the labels is no kind"],
  ])("is passed over, and says so, for %s", (_, rule, why) => {
    expect(find({ TARGET_RULE_ACME: rule }, database)).toMatchObject({
      rule: "unknown",
      explanation: { passedOver: [{ rule: "acme", why }] },
    });
  });

  it("decides before lower ones and after its better, and falls through to the next", () => {
    const kind = (word: string, priority: number) => ({ ...named, priority, kind: word });
    expect(find({ TARGET_RULE_A: kind("First.x.y", 1), TARGET_RULE_B: kind("Second.x.y", 2) }, database).rule).toBe("rule:b");
    const lacking = { ...kind("Second.x.y", 2), name: "{absent}" };
    expect(find({ TARGET_RULE_A: kind("First.x.y", 1), TARGET_RULE_B: lacking }, database).rule).toBe("rule:a");
    expect(find({ TARGET_RULE_A: { ...named, match: { job: "other" } } }, database).rule).toBe("unknown");
  });

  it("tells problems apart by the labels it says, and no longer by others", async () => {
    const pod = { alertname: "A", namespace: "shop", pod: "web-0", tier: "gold", topic: "orders" };
    const env = { TARGET_RULE_A: { match: { namespace: "shop" }, apart: ["tier"], together: ["topic"] } };
    expect(find(env, pod)).toMatchObject({ rule: "pod", resource: { kind: "Pod" }, explanation: { apart: ["tier"] } });
    expect(await fingerprint(env, { ...pod, topic: "mails" })).toBe(await fingerprint(env, pod));
    expect(await fingerprint(env, { ...pod, tier: "free" })).not.toBe(await fingerprint(env, pod));
    const unknown = { TARGET_RULE_A: { match, together: ["team"] } };
    expect(await fingerprint(unknown, { ...database, team: "bank" })).toBe(await fingerprint(unknown, database));
  });

  it.each([
    ["no JSON", "{", "must be JSON"],
    ["an unknown field", { ...named, matches: {} }, "may hold only priority, match, kind, name, namespace, apart, together"],
    ["no match", { ...named, match: {} }, "match must hold a label"],
    ["nothing to say", { match }, "must hold kind, apart or together"],
    ["a name without a kind", { match, name: "{a}", apart: ["b"] }, "must hold a kind beside name and namespace"],
    ["a kind without a name", { match, kind: "Pod", namespace: "{a}" }, "must hold a name beside the kind"],
    ["an unknown with a name", { match, kind: "Unknown", name: "{a}" }, "must hold neither name nor namespace beside the kind Unknown"],
    ["a namespaced kind without a namespace", { match, kind: "Pod", name: "{a}" }, "must hold a namespace beside a kind that lives in one"],
    ["a kind that can be none", { ...named, kind: "database" }, "kind can never make a kind, or kind.group"],
    ["a name that can be none", { ...named, name: "DB {db_name}" }, "name can never make the name of an object"],
    ["a namespace that can be none", { ...named, namespace: "team_{team}" }, "namespace can never make the name of a namespace"],
    [
      "a namespace that is too long",
      { ...named, namespace: `${"x".repeat(63)}{team}` },
      "namespace can never make the name of a namespace",
    ],
    ["an open brace", { ...named, name: "{db_name" }, "name must hold labels as {label}"],
    ["a label both ways", { match, apart: ["a"], together: ["a"] }, "must not hold a label in both apart and together"],
    ["a label that can be none", { match, apart: ["a b"] }, "apart.0 must be a label's name"],
    ["a priority beyond the bounds", { ...named, priority: 1_001 }, "priority must be a whole number from 0 to 1000"],
  ])("is refused at the start with %s", (_, rule, problem) => {
    expect(load({ TARGET_RULE_ACME: rule })).toMatchObject({
      ok: false,
      problems: expect.arrayContaining([`TARGET_RULE_ACME ${problem}`]),
    });
  });

  it("is loaded as the docs write it", () => {
    const examples = [...readFileSync("docs/targets.md", "utf8").matchAll(/^(TARGET_RULE_\w+)='([^']+)'$/gm)];
    expect(examples).toHaveLength(3);
    expect(rulesOf(Object.fromEntries(examples.map(([, name = "", value = ""]) => [name, value])))).toHaveLength(3);
  });

  it("has a name of its own, and a misspelt variable is no rule", () => {
    expect(load({ TARGET_RULE_A: named, TARGET_RULE_a: named })).toMatchObject({ ok: false });
    expect(load({ "TARGET_RULE_A-B": named })).toMatchObject({ ok: false });
    expect(load({ TARGET_RULES_A: named })).toMatchObject({
      ok: false,
      problems: ["TARGET_RULES_A is no setting: did you mean TARGET_RULE_A?"],
    });
  });
});
