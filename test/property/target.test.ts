import fc from "fast-check";
import { expect, it } from "vitest";
import type { Labels } from "../../src/domain/labels.ts";
import { fingerprintOf, identify } from "../../src/domain/target/identity.ts";
import { isVolatile } from "../../src/domain/target/label-tables.ts";
import { sceneOf } from "../../src/domain/target/scene.ts";
import { targetOf } from "../../src/domain/target/target-of.ts";
import { labelsOf, targetCases } from "../support/target-cases.ts";

const POLICY = { rules: [], mayWrite: () => true, explains: false };

async function identityOf(labels: Labels) {
  const target = targetOf(labels, POLICY);
  if (!target) throw new Error("refused");
  return identify("A", target);
}

/** Labels of published alerts, some left out and some said otherwise, so that they also contradict each other. */
const labels = fc
  .tuple(fc.constantFrom(...targetCases), fc.constantFrom(...targetCases), fc.infiniteStream(fc.integer({ min: 0, max: 9 })))
  .map(([one, other, coin]): Labels => {
    const own = Object.entries(labelsOf(one)).filter(() => coin.next().value > 0);
    const foreign = Object.entries(labelsOf(other)).filter(() => coin.next().value > 7);
    return Object.fromEntries([...own, ...foreign]);
  });

/** What a scrape adds, and a reporter's restart changes. */
const isScraped = (label: string, all: Labels): boolean => {
  const { ownPods } = sceneOf(all);
  return ownPods.includes(label) || (ownPods.length > 0 && ["instance", "exported_instance", "node"].includes(label));
};

it("an alert whose object is unknown is told apart by every label that is neither volatile nor the scrape's", () =>
  fc.assert(
    fc.asyncProperty(labels, fc.nat(), async (own, pick) => {
      const before = await identityOf(own);
      const telling = Object.keys(own).filter((label) => !isVolatile(label) && !isScraped(label, own));
      const label = telling[pick % Math.max(1, telling.length)];
      if (before.resource.kind !== "Unknown" || label === undefined) return;
      const after = await identityOf({ ...own, [label]: `${own[label]}-2` });
      if (after.resource.kind === "Unknown") expect(after.fingerprint).not.toBe(before.fingerprint);
    }),
    { numRuns: 3_000 },
  ));

it("what is volatile changes neither target nor fingerprint", () =>
  fc.assert(
    fc.asyncProperty(labels, fc.constantFrom("severity", "replica", "rule_replica", "thanos_ruler_replica", "uid"), async (own, label) => {
      const [before, after] = [await identityOf(own), await identityOf({ ...own, [label]: "another" })];
      expect(after).toEqual(before);
    }),
    { numRuns: 1_000 },
  ));

it("the order of the labels changes nothing", () =>
  fc.assert(
    fc.asyncProperty(labels, async (own) => {
      const reversed = Object.fromEntries(Object.entries(own).reverse());
      expect(await identityOf(reversed)).toEqual(await identityOf(own));
    }),
    { numRuns: 1_000 },
  ));

it("no two different identities have one fingerprint", () => {
  const part = fc.string({ unit: fc.constantFrom("a", "b", ":", "\\", "{", "}", ",", "="), maxLength: 3 });
  const identity = fc.tuple(part, part, part, part, fc.dictionary(part, part, { maxKeys: 2, noNullPrototype: true }));
  type Parts = typeof identity extends fc.Arbitrary<infer Value> ? Value : never;
  const hash = ([name, namespace, kind, resource, apart]: Parts) => fingerprintOf(name, namespace, { kind, name: resource }, apart);
  const canonical = ([name, namespace, kind, resource, apart]: Parts) =>
    JSON.stringify([name, namespace, kind, resource, Object.entries(apart).sort()]);
  return fc.assert(
    fc.asyncProperty(fc.array(identity, { minLength: 20, maxLength: 60 }), async (all) => {
      const fingerprints = await Promise.all(all.map(hash));
      expect(new Set(fingerprints).size).toBe(new Set(all.map(canonical)).size);
    }),
    { numRuns: 200 },
  );
});

it("any labels at all have a target, and a source that may write to no namespace of theirs is refused", () =>
  fc.assert(
    fc.property(fc.dictionary(fc.string({ maxLength: 8 }), fc.string({ maxLength: 8 })), labels, (strange, own) => {
      expect(targetOf({ ...own, ...strange }, { ...POLICY, explains: true })).not.toBeNull();
      expect(targetOf({ ...own, ...strange }, { ...POLICY, mayWrite: () => false })).toBeNull();
    }),
  ));
