import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { fingerprintOf, identify } from "../../../../src/domain/target/identity.ts";
import { targetOf } from "../../../../src/domain/target/target-of.ts";

const POLICY = { rules: [], mayWrite: () => true, explains: false };
const recorded: readonly { labels: Record<string, string>; target: object; fingerprint: string }[] = JSON.parse(
  readFileSync("test/cases/kubernetes-fingerprints.json", "utf8"),
);
const identityOf = async (labels: Record<string, string>) => {
  const target = targetOf(labels, POLICY);
  if (!target) throw new Error("refused");
  return identify(labels.alertname ?? "", target);
};

it.each(recorded)("a plain Kubernetes alert keeps the fingerprint it had: $labels.alertname", async ({ labels, target, fingerprint }) => {
  const { resource, namespace, ...identity } = await identityOf(labels);
  expect({ ...resource, namespace }).toEqual(target);
  expect(identity.fingerprint).toBe(fingerprint);
});

it("no text in one part can stand for the end of another", async () => {
  const pod = { kind: "Pod", name: "web-0" };
  const fingerprints = await Promise.all([
    fingerprintOf("A:shop", "b", pod),
    fingerprintOf("A", "shop:b", pod),
    fingerprintOf("A", "b", pod, { topic: "x,db=y" }),
    fingerprintOf("A", "b", pod, { topic: "x", db: "y" }),
    fingerprintOf("A", "b", { ...pod, name: "web-0{db=y,topic=x}" }),
    fingerprintOf("A", "b", { kind: "Pod:web", name: "0" }),
    fingerprintOf("A", "b", { kind: "Pod", name: "web:0" }),
    fingerprintOf("A\\", "b", pod),
    fingerprintOf("A", "b", pod),
  ]);
  expect(new Set(fingerprints).size).toBe(fingerprints.length);
});

it("two kinds of one name in two API groups are two problems, whatever a request calls them", async () => {
  const cluster = { kind: "Cluster", name: "prod" };
  const groups = ["cluster.x-k8s.io", "postgresql.cnpg.io"];
  const [one, other] = await Promise.all(groups.map((group) => fingerprintOf("A", "b", { ...cluster, group })));
  expect(one).not.toBe(other);
});

it("a long apart label is told apart by all of it", async () => {
  const of = (end: string) => identityOf({ alertname: "A", namespace: "shop", pod: "web-0", topic: "x".repeat(60_000) + end });
  const [one, other] = [await of("a"), await of("b")];
  expect(one.resource).toEqual({ kind: "Pod", name: "web-0" });
  expect(other.fingerprint).not.toBe(one.fingerprint);
});
