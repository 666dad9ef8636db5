import fc from "fast-check";
import { expect, it } from "vitest";
import { labelsHash } from "../../src/domain/fingerprint.ts";
import type { Labels } from "../../src/domain/labels.ts";
import { parseAlertmanager } from "../../src/sources/alertmanager.ts";
import { parseJson } from "../../src/sources/json.ts";
import { parseKubernetesEvents } from "../../src/sources/kubernetes-event.ts";

const context = { source: "s", cluster: "c", environment: null, namespaces: ["*"], targetRules: [], explains: false, nowMs: 0 };
const value = fc.string({ minLength: 1, maxLength: 8 });
const labelName = fc.oneof(fc.constantFrom("pod", "node", "service", "job", "deployment", "instance", "__proto__", "constructor"), value);
const labels = fc.uniqueArray(fc.tuple(labelName, value), { selector: ([name]) => name, maxLength: 8 });

async function fingerprintOf(entries: readonly (readonly [string, string])[]): Promise<string> {
  const own: Labels = Object.fromEntries([...entries, ["alertname", "A"], ["namespace", "shop"]]);
  const payload = await parseAlertmanager({ alerts: [{ status: "firing", labels: own }] }, context);
  const [alert] = payload.ok ? payload.alerts : [];
  if (alert?.kind !== "alert") throw new Error("not an alert");
  return alert.fingerprint;
}

it("the order of labels never changes the fingerprint or the hash of all labels", () =>
  fc.assert(
    fc.asyncProperty(labels, fc.infiniteStream(fc.nat()), async (entries, order) => {
      const shuffled = entries.map((entry) => [order.next().value, entry] as const).sort(([a], [b]) => a - b);
      const other = shuffled.map(([, entry]) => entry);
      expect(await fingerprintOf(other)).toBe(await fingerprintOf(entries));
      expect(await labelsHash(Object.fromEntries(other))).toBe(await labelsHash(Object.fromEntries(entries)));
    }),
  ));

it("labels that say how bad it is or who told it never change the fingerprint, nor do empty ones", () => {
  const beside = fc.constantFrom("severity", "prometheus", "prometheus_replica", "replica", "receive", "rule_replica", "uid");
  const word = value.filter((text) => text.trim().toLowerCase() !== "none");
  return fc.assert(
    fc.asyncProperty(labels, beside, word, async (entries, name, text) => {
      const without = entries.filter(([each]) => each !== name);
      expect(await fingerprintOf([...without, [name, text], ["empty", ""]])).toBe(await fingerprintOf(without));
    }),
  );
});

it("once a resource is told, labels that describe the sample change no fingerprint", () => {
  const describing = fc.constantFrom("code", "method", "le", "mode", "reason", "table", "shard", "container", "team", "phase", "condition");
  const beside = fc.uniqueArray(fc.tuple(describing, value), { selector: ([name]) => name, maxLength: 8 });
  return fc.assert(
    fc.asyncProperty(beside, async (entries) => {
      const told = ["horizontalpodautoscaler", "web"] as const;
      expect(await fingerprintOf([...entries, told])).toBe(await fingerprintOf([told]));
    }),
  );
});

it("no JSON at all makes a reader throw, or leaves a trace on Object.prototype", () => {
  const before = Object.getOwnPropertyNames(Object.prototype);
  const key = fc.constantFrom(
    "alerts",
    "labels",
    "__proto__",
    "constructor",
    "alertname",
    "status",
    "items",
    "kind",
    "involvedObject",
    "metadata",
    "count",
  );
  const { any } = fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 6 },
      fc.constantFrom("firing", "Event", "a\0", "\ud800", null, 1, true),
      fc.jsonValue(),
      tie("array"),
      tie("object"),
    ),
    array: fc.array(tie("any"), { maxLength: 3 }),
    object: fc.array(fc.tuple(key, tie("any")), { maxLength: 5 }).map((entries) => Object.fromEntries(entries)),
  }));
  return fc.assert(
    fc.asyncProperty(any, async (json) => {
      const parsed = parseJson(new TextEncoder().encode(JSON.stringify(json)));
      const seen = parsed.ok ? parsed.value : null;
      for (const each of [seen, { alerts: [seen] }, [{ involvedObject: {} }, seen]]) {
        await parseAlertmanager(each, context);
        await parseKubernetesEvents(each, context);
      }
      expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before);
    }),
  );
});
