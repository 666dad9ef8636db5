import { alertIn, eventIn, webhook } from "../../runtime/payloads.ts";
import type { Attempt, Kind } from "../harness/attempt.ts";
import { answers, refused, withinOwn } from "../harness/guarantees.ts";
import { ask, bearer, EVENTS, JSON_TYPE, PROMETHEUS, postTo, TRESPASS } from "../harness/request.ts";
import type { Stage } from "../harness/stage.ts";

/** A payload of the source whose own namespace is written `shop` here. */
const asNarrow = (path: string, payload: unknown, { tokens, namespace }: Stage, ...headers: readonly string[]) =>
  postTo(path, JSON.stringify(payload).replaceAll("shop", namespace), bearer(tokens.narrow), ...headers);

type Labels = Readonly<Record<string, string>>;

/** Spellings of `shop`, and of what is not `shop`, that a careless comparison takes for it. */
const NOT_SHOP: readonly (readonly [name: string, namespace: string])[] = [
  ["another namespace", "kube-system"],
  ["a namespace that begins like its own", "shop-admin"],
  ["a namespace that ends like its own", "my-shop"],
  ["a pattern", "*"],
  ["a pattern that its own fits", "sh*p"],
  ["two namespaces and a comma", "shop,kube-system"],
  ["two namespaces and a space", "shop kube-system"],
  ["two namespaces and a line break", "shop\nkube-system"],
  ["its own and a NUL", "shop\u0000kube-system"],
  ["its own and a line break", "shop\n"],
  ["its own after a space", " shop"],
  ["its own in capitals", "SHOP"],
  ["its own in full-width letters", "\uff53\uff48\uff4f\uff50"],
  ["its own with a Cyrillic letter", "sh\u043ep"],
  ["its own with a combining mark", "shop\u0301"],
  ["its own behind an invisible mark", "\u200bshop"],
  ["its own percent-encoded", "%73hop"],
  ["a path upwards", "../kube-system"],
  ["a path through its own", "shop/../kube-system"],
  ["an encoded path", "shop%2f..%2fkube-system"],
  ["a double-encoded path", "shop%252f..%252fkube-system"],
  ["a backslash", "shop\\..\\kube-system"],
  ["a query", "shop?dryRun=All"],
  ["a fragment", "shop#/kube-system"],
  ["dots alone", ".."],
  ["one dot", "."],
  ["a name of 64 characters", "s".repeat(64)],
  ["a name of 100,000 characters", "s".repeat(50_000)],
  ["the name of an inherited member", "__proto__"],
  ["a constructor", "constructor"],
  ["a name that begins with a dash", "-shop"],
  ["a resource below its own", "shop/pods/web-1"],
  ["an object in place of a name", '{"namespace":"shop"}'],
];

const named: readonly Attempt[] = NOT_SHOP.map(([name, namespace]) => ({
  name: `writes to ${name}`,
  at: "gateway",
  sends: (stage) => asNarrow(PROMETHEUS, webhook([alertIn(namespace, { alertname: TRESPASS })]), stage),
  holds: answers(202),
}));

/** Ways to name another namespace beside, or instead of, the label for it; some of them stay within the source's own. */
const TRICKS: readonly (readonly [name: string, labels: Labels])[] = [
  ["exported_namespace before its own", { namespace: "shop", exported_namespace: "kube-system" }],
  ["its own as exported_namespace before another", { namespace: "kube-system", exported_namespace: "shop" }],
  ["a label of OpenTelemetry", { namespace: "shop", k8s_namespace_name: "kube-system" }],
  ["a label of OpenTelemetry with dots", { namespace: "shop", "k8s.namespace.name": "kube-system" }],
  ["namespace_name", { namespace: "shop", namespace_name: "kube-system" }],
  ["resource_namespace", { namespace: "shop", resource_namespace: "kube-system" }],
  [
    "the label of a custom resource",
    { namespace: "shop", customresource_kind: "Secret", exported_namespace: "kube-system", name: "admin" },
  ],
  ["a label of an object of another", { namespace: "shop", secret: "admin", secret_namespace: "kube-system" }],
  ["the service of a mesh", { namespace: "shop", destination_service_name: "api", destination_service_namespace: "kube-system" }],
  [
    "kind and name of another",
    { namespace: "shop", involved_object_kind: "Pod", involved_object_name: "x", involved_object_namespace: "kube-system" },
  ],
  ["a cluster's own node", { namespace: "shop", pod: "", node: "control-plane-1" }],
  ["Namespace in capitals beside it", { namespace: "shop", Namespace: "kube-system", NAMESPACE: "kube-system" }],
  ["a label called __proto__", { namespace: "shop", __proto__namespace: "kube-system" }],
  ["a pod behind a path", { namespace: "shop", pod: "../../kube-system/pods/etcd" }],
  ["a pod with a NUL", { namespace: "shop", pod: "web\u0000kube-system" }],
  ["a namespace as an object's name", { namespace: "shop", pod: "", kind: "Namespace", name: "kube-system" }],
];

const tricks: readonly Attempt[] = TRICKS.map(([name, labels]) => ({
  name: `names another namespace by ${name}`,
  at: "gateway",
  sends: (stage) => asNarrow(PROMETHEUS, webhook([alertIn("shop", labels)]), stage),
  holds: withinOwn,
}));

const without: readonly Attempt[] = [
  ["no namespace at all", [alertIn("", { alertname: TRESPASS })]],
  ["an empty namespace", [alertIn("", { alertname: TRESPASS, namespace: "" })]],
  ["a namespace that is null", [{ ...alertIn(""), labels: { alertname: TRESPASS, pod: "x", namespace: null } }]],
  ["a namespace that is a list", [{ ...alertIn(""), labels: { alertname: TRESPASS, pod: "x", namespace: ["shop", "kube-system"] } }]],
  ["a namespace that is an object", [{ ...alertIn(""), labels: { alertname: TRESPASS, pod: "x", namespace: { shop: true } } }]],
  ["a namespace that is a number", [{ ...alertIn(""), labels: { alertname: TRESPASS, pod: "x", namespace: 0 } }]],
  [
    "a namespace in the webhook only",
    [alertIn("", { alertname: TRESPASS })],
    { commonLabels: { namespace: "shop" }, groupLabels: { namespace: "shop" } },
  ],
  ["a namespace in the annotations only", [alertIn("", { alertname: TRESPASS }, { annotations: { namespace: "shop" } })]],
].map(([name, alerts, over]) => ({
  name: `writes with ${name as string}`,
  at: "gateway",
  sends: (stage: Stage) => asNarrow(PROMETHEUS, webhook(alerts as unknown[], over as object), stage),
  holds: answers(202),
}));

const event = (over: object) => eventIn("kube-system", { reason: TRESPASS, ...over });

const events: readonly Attempt[] = [
  ["another's object in an event of its own", event({ metadata: { uid: "a", namespace: "shop", name: "a" } })],
  ["another's object", event({})],
  ["a node", event({ metadata: { uid: "b", namespace: "shop", name: "b" }, involvedObject: { kind: "Node", name: "control-plane-1" } })],
  ["an object of a namespace with a path", event({ involvedObject: { kind: "Pod", name: "x", namespace: "shop/../kube-system" } })],
  ["an object of a namespace in capitals", event({ involvedObject: { kind: "Pod", name: "x", namespace: "SHOP" } })],
  ["the same event wrapped twice", { kind: "List", items: [{ kind: "List", items: [event({})] }] }],
].map(([name, payload]) => ({
  name: `tells an event of ${name as string}`,
  at: "gateway",
  sends: (stage: Stage) => asNarrow(EVENTS, payload, stage),
  holds: withinOwn,
}));

/** What another source sent is another's business. */
const others: readonly Attempt[] = [
  {
    name: "reads a receipt of another source",
    at: "gateway",
    sends: ({ tokens }) => ask(`/api/v1/receipts?fingerprint=${"a".repeat(64)}`, { headers: [bearer(tokens.narrow)] }),
    holds: answers(404),
  },
  {
    name: "reads the dead letters",
    at: "gateway",
    sends: ({ tokens }) => ask("/api/v1/admin/dead-letters", { headers: [bearer(tokens.narrow)] }),
    holds: answers(401),
  },
  ...["source", "cluster", "namespace", "environment"].map(
    (parameter): Attempt => ({
      name: `names itself another in the query, by ${parameter}`,
      at: "gateway",
      sends: ({ tokens }) =>
        postTo(`${PROMETHEUS}?${parameter}=shop`, webhook([alertIn("kube-system", { alertname: TRESPASS })]), bearer(tokens.narrow)),
      holds: answers(202),
    }),
  ),
  {
    name: "names itself another in headers",
    at: "gateway",
    sends: ({ tokens }) =>
      postTo(
        PROMETHEUS,
        webhook([alertIn("kube-system", { alertname: TRESPASS })]),
        bearer(tokens.narrow),
        "X-Source: shop",
        "X-Scope-OrgID: shop",
        "X-Forwarded-User: shop",
      ),
    holds: answers(202),
  },
  {
    name: "writes to another namespace with two bodies in one",
    at: "gateway",
    sends: ({ tokens }) =>
      ask(PROMETHEUS, {
        method: "POST",
        headers: [JSON_TYPE, bearer(tokens.narrow)],
        body: `${JSON.stringify(webhook([alertIn("shop", { alertname: TRESPASS })]))}{"alerts":[]}`,
      }),
    holds: refused,
  },
];

/** A source writes to its own namespaces, whatever its labels say. */
export const namespaces: Kind = {
  name: "namespaces",
  controls: [
    {
      name: "an alert of its own namespace",
      at: "gateway",
      sends: ({ tokens, namespace }) => postTo(PROMETHEUS, webhook([alertIn(namespace)]), bearer(tokens.narrow)),
      holds: answers(201, 202),
    },
  ],
  attempts: [...named, ...tricks, ...(without as readonly Attempt[]), ...(events as readonly Attempt[]), ...others],
};
