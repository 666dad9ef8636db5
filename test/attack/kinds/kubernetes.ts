import { ok } from "node:assert/strict";
import { alertIn, fresh, webhook } from "../../runtime/payloads.ts";
import type { Attempt, Guarantee, Kind } from "../harness/attempt.ts";
import { resultsOf } from "../harness/guarantees.ts";
import { bearer, PROMETHEUS, postTo } from "../harness/request.ts";

/** Kubernetes takes the object: what it cannot hold as a name or a label is nowhere but in the spec. */
const becomesRequest: Guarantee = {
  text: "an object that Kubernetes takes, or one that is owed where it may not be made",
  check({ answers: [answer] }) {
    ok(answer && answer.status < 300, `answered ${answer?.status}`);
    const outcomes = resultsOf(answer).map(({ outcome, reason }) => `${outcome} ${reason}`);
    ok(outcomes.length > 0 && outcomes.every((outcome) => /^(created|duplicate|accepted) /.test(outcome)), outcomes.join());
  },
};

const HERE = "here";

const ODD: readonly (readonly [name: string, labels: Readonly<Record<string, string>>, over?: object])[] = [
  ["a pod of dots", { pod: ".." }],
  ["a pod in capitals", { pod: "WEB-1" }],
  ["a pod with underscores", { pod: "web_1" }],
  ["a pod with a slash", { pod: "web/../../secrets/admin" }],
  ["a pod with a percent", { pod: "web%2f1" }],
  ["a pod with spaces", { pod: " web 1 " }],
  ["a pod of 254 characters", { pod: "p".repeat(254) }],
  ["a pod of 60,000 characters", { pod: "p".repeat(60_000) }],
  ["a pod that ends in a dash", { pod: "web-" }],
  ["a pod of emoji", { pod: "\ud83d\ude80" }],
  ["a namespace of 64 characters", { namespace: "n".repeat(64) }],
  ["a namespace in capitals", { namespace: "SHOP" }],
  ["a namespace of dots", { namespace: ".." }],
  ["a namespace that is a path", { namespace: "shop/pods" }],
  ["a namespace of Kubernetes' own", { namespace: "kube-system" }],
  ["a namespace that does not exist", { namespace: "nowhere-to-be-found" }],
  ["a label with Kubernetes' prefix", { "kubernetes.io/metadata.name": "kube-system" }],
  ["a label with Kubernetes' other prefix", { "k8s.io/cluster-autoscaler": "disabled" }],
  ["a label of pod security", { "pod-security.kubernetes.io/enforce": "privileged" }],
  ["a label with two slashes", { "a/b/c": "x" }],
  ["a label with an empty prefix", { "/x": "y" }],
  ["a label's name of 1,000 characters", { ["l".repeat(1_000)]: "x" }],
  ["a label's value of 64 characters", { note: "v".repeat(64) }],
  ["a label's value of 50,000 characters", { note: "v".repeat(50_000) }],
  ["a label's value that Kubernetes' labels cannot hold", { note: "a b/c:d?e" }],
  ["an owner's reference as a label", { ownerReferences: '[{"uid":"x"}]' }],
  ["a finalizer as a label", { finalizers: "foregroundDeletion" }],
  ["a name of 253 characters", { alertname: "A".repeat(253) }],
  ["a severity of 300 characters", { severity: "s".repeat(300) }],
  ["an environment of 300 characters", { environment: "e".repeat(300) }],
  ["an environment that Kubernetes' labels cannot hold", { environment: "prod/eu west:1" }],
  ["a kind that is a path", { involved_object_kind: "../Secret", involved_object_name: "admin" }],
  ["a kind of another group", { customresource_kind: "Node", customresource_group: "evil.example.com", name: "n1" }],
  ["an annotation of 300,000 characters", {}, { annotations: { description: "d".repeat(300_000) } }],
  ["an annotation for kubectl", {}, { annotations: { "kubectl.kubernetes.io/last-applied-configuration": '{"kind":"Secret"}' } }],
  ["5,000 annotations", {}, { annotations: Object.fromEntries(Array.from({ length: 5_000 }, (_, at) => [`a${at}`, "x"])) }],
  ["a status of its own", {}, { status: "firing", spec: { x: 1 }, metadata: { name: "x", finalizers: ["x"] } }],
  ["a start in the year 9999", {}, { startsAt: "9999-12-31T23:59:59Z" }],
  ["a start before there were clocks", {}, { startsAt: "0001-01-01T00:00:00Z" }],
  ["a link of 200,000 characters", {}, { generatorURL: `http://prometheus.example.com/${"u".repeat(200_000)}` }],
];

const attempts: readonly Attempt[] = ODD.map(([name, labels, over]) => ({
  name,
  at: "gateway",
  sends: ({ tokens, namespace }) =>
    postTo(
      PROMETHEUS,
      JSON.stringify(webhook([alertIn(HERE, { topic: fresh(), ...labels }, over)])).replaceAll(`"${HERE}"`, `"${namespace}"`),
      bearer(tokens.source),
    ),
  holds: becomesRequest,
}));

/** On workerd this meets a real API server, elsewhere the emulation. */
export const kubernetes: Kind = {
  name: "names and labels of Kubernetes",
  controls: [
    {
      name: "an alert",
      at: "gateway",
      sends: ({ tokens, namespace }) => postTo(PROMETHEUS, webhook([alertIn(namespace)]), bearer(tokens.source)),
      holds: becomesRequest,
    },
  ],
  attempts,
};
