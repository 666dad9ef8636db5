import { describe, expect, it } from "vitest";
import type { Labels } from "../../../src/domain/labels.ts";
import { answersOf, isAnswer, labelsOf, type TargetCase, targetCases } from "../../support/target-cases.ts";
import { entry, expectAlert, parseOne } from "./context.ts";

const parse = async (labels: Labels, namespaces = ["*"]) =>
  expectAlert(await parseOne(entry({ ...labels, severity: "warning" }, { fingerprint: undefined }), { namespaces }));
const named = targetCases.map((each, index) => [`${index + 1} ${each.alertname}, ${each.seenIn}`, each] as const);

describe("an alert of a published rule", () => {
  it.each(named)("names the right object or none: %s", async (_, each) => {
    const { resource, namespace, rule } = await parse(labelsOf(each));
    const found = { kind: resource.kind, name: resource.name, namespace };
    expect(answersOf(each).some(isAnswer(found.kind, found.name, namespace)), `${JSON.stringify(found)} by ${rule}`).toBe(true);
  });

  const withSibling = named.filter(([, { sibling }]) => sibling !== null);
  it.each(withSibling)("shares no fingerprint with another problem: %s", async (_, each) => {
    const [one, other] = [await parse(labelsOf(each)), await parse(labelsOf(each, each.sibling ?? {}))];
    expect(other.fingerprint).not.toBe(one.fingerprint);
  });

  const withSame = named.filter(([, { same }]) => same !== undefined);
  it.each(withSame)("is the same problem from a restarted or another watcher: %s", async (_, each) => {
    const [one, again] = [await parse(labelsOf(each)), await parse(labelsOf(each, each.same))];
    expect(again.fingerprint).toBe(one.fingerprint);
  });

  const scraped = (each: TargetCase) => each.labels.namespace ?? each.labels.kubernetes_namespace ?? "";
  const placed = named.filter(([, each]) => /^[a-z0-9-]+$/.test(scraped(each)));
  it.each(placed)("is taken from a source that may write to its scrape's namespace only: %s", async (_, each) => {
    const { namespace } = await parse(labelsOf(each), [scraped(each)]);
    expect(namespace).toBe(scraped(each));
  });
});
