import { MARKER, sha256 } from "../../runtime/payloads.ts";
import type { Attempt, Guarantee, Kind } from "../harness/attempt.ts";
import { answers, harmless, refused } from "../harness/guarantees.ts";
import { ask, bearer, TRESPASS } from "../harness/request.ts";
import type { Stage } from "../harness/stage.ts";

const API = "/apis/remediation.kubernaut.io/v1alpha1";
const LIST = `${API}/namespaces/shop/remediationrequests`;

const object = (name: unknown, over: object = {}, spec: object = {}) => ({
  apiVersion: "remediation.kubernaut.io/v1alpha1",
  kind: "RemediationRequest",
  metadata: { name, ...over },
  spec: {
    signalFingerprint: sha256(MARKER),
    signalName: TRESPASS,
    severity: "warning",
    environment: "production",
    priority: "P2",
    signalType: "prometheus-alert",
    targetType: "kubernetes",
    firingTime: "2026-01-15T09:30:00Z",
    receivedTime: "2026-01-15T09:30:00Z",
    deduplication: { isDuplicate: false, firstSeen: "2026-01-15T09:30:00Z", lastSeen: "2026-01-15T09:30:00Z", occurrenceCount: 1 },
    ...spec,
  },
});

const sending = (
  name: string,
  method: string,
  path: string,
  body: unknown,
  holds: Guarantee = refused,
  type = "application/json",
): Attempt => ({
  name,
  at: "emulation",
  sends: ({ tokens }: Stage) =>
    ask(path, {
      method,
      headers: [`Content-Type: ${type}`, bearer(tokens.emulation)],
      body: typeof body === "string" ? body : JSON.stringify(body),
    }),
  holds,
});

const reading = (name: string, path: string, holds: Guarantee = refused, ...headers: readonly string[]): Attempt => ({
  name,
  at: "emulation",
  sends: ({ tokens }) => ask(path, { headers: [bearer(tokens.emulation), ...headers] }),
  holds,
});

const creations: readonly Attempt[] = [
  ...(
    [
      ["that is a path", "../x"],
      ["with a slash", "a/b"],
      ["in capitals", "Name"],
      ["of dots", ".."],
      ["of 254 characters", "n".repeat(254)],
      ["with a NUL", "a\u0000b"],
      ["with a line break", "a\nb"],
      ["that is empty", ""],
      ["that is inherited", "__proto__"],
      ["that is a list", ["a"]],
      ["that is a number", 1],
      ["that is null", null],
      ["with a percent", "a%2fb"],
      ["of emoji", "\ud83d\ude80"],
    ] as const
  ).map(([name, value]) => sending(`creates an object with a name ${name}`, "POST", LIST, object(value))),
  sending("creates an object of another namespace than the path's", "POST", LIST, object("x", { namespace: "kube-system" })),
  sending("creates an object of another kind", "POST", LIST, { ...object("x"), kind: "Secret" }),
  sending("creates an object of another API", "POST", LIST, { ...object("x"), apiVersion: "v1" }),
  sending("creates an object with a version", "POST", LIST, object("x", { resourceVersion: "1" })),
  sending("creates an object whose metadata is a list", "POST", LIST, { ...object("x"), metadata: [] }),
  sending("creates an object with a wrong label", "POST", LIST, object("x", { labels: { "a/b/c": "x" } })),
  sending("creates an object with a label of 64 characters", "POST", LIST, object("x", { labels: { a: "x".repeat(64) } })),
  sending("creates an object with a label that is an object", "POST", LIST, object("x", { labels: { a: {} } })),
  sending(
    "creates an object with 300,000 characters of annotations",
    "POST",
    LIST,
    object("x", { annotations: { a: "x".repeat(300_000) } }),
  ),
  sending("creates an object with another type in its spec", "POST", LIST, object("x", {}, { severity: 1 })),
  sending("creates an object with a fingerprint that is none", "POST", LIST, object("x", {}, { signalFingerprint: "../x" })),
  sending("creates an object with a spec that is a list", "POST", LIST, { ...object("x"), spec: [] }),
  sending("creates an object of 4 MiB", "POST", LIST, object("x", {}, { originalPayload: "A".repeat(4 * 1024 * 1024) })),
  sending("creates a list of objects", "POST", LIST, [object("x")]),
  sending("creates nothing", "POST", LIST, ""),
  sending("creates what is no JSON", "POST", LIST, `{${MARKER}`),
  sending("creates 100,000 levels", "POST", LIST, `{"a":${"[".repeat(100_000)}${"]".repeat(100_000)}}`),
  sending("creates an object as a form", "POST", LIST, object("x"), refused, "application/x-www-form-urlencoded"),
  sending("creates an object as YAML", "POST", LIST, "kind: RemediationRequest", refused, "application/yaml"),
  sending("creates an object as protobuf", "POST", LIST, "k8s\u0000x", refused, "application/vnd.kubernetes.protobuf"),
  sending("creates an object in every namespace", "POST", `${API}/remediationrequests`, object("x")),
  sending("creates an object in a namespace with a path", "POST", `${API}/namespaces/..%2fkube-system/remediationrequests`, object("x")),
  sending("creates an object in a namespace in capitals", "POST", `${API}/namespaces/SHOP/remediationrequests`, object("x")),
  sending(
    "creates an object in a namespace of 64 characters",
    "POST",
    `${API}/namespaces/${"n".repeat(64)}/remediationrequests`,
    object("x"),
  ),
];

const PATCH = "application/json-patch+json";
const MERGE = "application/merge-patch+json";

/** The control's object. */
const ONE = `${LIST}/honest`;

const changes: readonly Attempt[] = [
  ...(
    [
      ["a prototype", [{ op: "add", path: "/__proto__/polluted", value: "x" }]],
      ["a constructor's prototype", [{ op: "add", path: "/constructor/prototype/polluted", value: "x" }]],
      ["a place far behind a list's end", [{ op: "add", path: "/metadata/finalizers/4294967295", value: "x/y" }]],
      ["a place that is no number", [{ op: "add", path: "/metadata/finalizers/1e3", value: "x" }]],
      ["a path without a slash", [{ op: "add", path: "spec", value: "x" }]],
      ["a wrong escape", [{ op: "add", path: "/metadata/~2", value: "x" }]],
      ["an operation of nobody", [{ op: "exec", path: "/spec", value: "x" }]],
      ["a move into itself", [{ op: "move", from: "/spec", path: "/spec/inner" }]],
      ["a copy from nowhere", [{ op: "copy", from: "/none", path: "/spec/x" }]],
      ["a test that fails", [{ op: "test", path: "/kind", value: "Secret" }]],
      ["the whole object", [{ op: "replace", path: "", value: {} }]],
      ["its name", [{ op: "replace", path: "/metadata/name", value: "other" }]],
      ["its namespace", [{ op: "replace", path: "/metadata/namespace", value: "kube-system" }]],
      ["its uid", [{ op: "replace", path: "/metadata/uid", value: "x" }]],
      ["its fingerprint", [{ op: "replace", path: "/spec/signalFingerprint", value: "b".repeat(64) }]],
      ["no list", { op: "add" }],
    ] as const
  ).map(([name, patch]) =>
    sending(`patches ${name}`, "PATCH", ONE, patch, name === "its uid" || name === "a wrong escape" ? harmless : refused, PATCH),
  ),
  sending(
    "patches by 30,000 copies, each twice as large",
    "PATCH",
    ONE,
    Array(30_000).fill({ op: "copy", from: "/spec", path: "/spec/x" }),
    refused,
    PATCH,
  ),
  sending("merges a list", "PATCH", ONE, [], refused, MERGE),
  sending("merges its name", "PATCH", ONE, { metadata: { name: "other" } }, refused, MERGE),
  sending("merges a prototype", "PATCH", ONE, '{"__proto__":{"polluted":"x"}}', harmless, MERGE),
  sending("patches strategically", "PATCH", ONE, {}, refused, "application/strategic-merge-patch+json"),
  sending("applies", "PATCH", ONE, {}, refused, "application/apply-patch+yaml"),
  sending("replaces without a version", "PUT", ONE, object("honest")),
  sending("replaces another by its path", "PUT", ONE, object("other")),
  sending("replaces what is not there", "PUT", `${LIST}/nobody`, object("nobody")),
  sending("removes on a condition that does not hold", "DELETE", ONE, { preconditions: { uid: "x" } }),
  sending("removes what is not there", "DELETE", `${LIST}/nobody`, ""),
];

const reads: readonly Attempt[] = [
  ...(
    [
      ["a limit below zero", "limit=-1"],
      ["a limit that is no number", "limit=all"],
      ["a page of nobody", "continue=AAAA"],
      ["a page of JSON of its own", `continue=${Buffer.from('{"version":1e99,"after":"x"}').toString("base64")}`],
      ["a page with a prototype", `continue=${Buffer.from('{"__proto__":{},"version":1}').toString("base64")}`],
      ["a selector of nothing", "labelSelector=%3D%3D"],
      ["a selector with an unclosed list", "labelSelector=a+in+(b"],
      ["a field that nobody knows", "fieldSelector=spec.secret%3Dx"],
      ["a version that is none", "resourceVersion=latest"],
      ["a watch from an old version", "watch=true&resourceVersion=1"],
      ["a selector of 20,000 terms", `labelSelector=${"a%3Db,".repeat(20_000)}c`],
    ] as const
  ).map(([name, query]) => reading(`lists by ${name}`, `${LIST}?${query}`, name.includes("watch") ? harmless : refused)),
  ...[
    "/api/v1/secrets",
    "/api/v1/namespaces/shop/secrets/x",
    "/apis/rbac.authorization.k8s.io/v1/clusterroles",
    "/metrics",
    "/debug/pprof/",
    "/logs/",
    "/api/v1/nodes/x/proxy/",
    `${LIST}/honest/exec`,
    `${LIST}/__proto__`,
    `${LIST}/..%2f..%2fsecrets`,
  ].map((path) => reading(`reads ${path.replace(API, "…")}`, path)),
  reading("reads by a token and a foreign Host", "/version", answers(200), "Accept: text/html"),
  reading("asks for a table of a megabyte's name", LIST, harmless, `Accept: application/json;as=${"T".repeat(7_000)}`),
];

const token: readonly Attempt[] = [
  ["shortened", (right: string) => right.slice(0, -1)],
  ["with one character more", (right: string) => `${right}0`],
  ["in capitals", (right: string) => right.toUpperCase().replace(/^[0-9]/, "A")],
  ["with an encoded slash behind it", (right: string) => `${right}%2f`],
  ["with a parameter", (right: string) => `${right};x`],
].map(([name, change]) => ({
  name: `the token in the path, ${name as string}`,
  at: "emulation" as const,
  sends: ({ tokens }: Stage) => ask(`/token/${(change as (right: string) => string)(tokens.emulation)}/version`),
  holds: answers(401),
})) satisfies readonly Attempt[];

/** The emulated Kubernetes API keeps its objects as whole as a real one. */
export const emulation: Kind = {
  name: "the emulated Kubernetes API",
  controls: [sending("an object", "POST", LIST, object("honest", {}, { signalName: MARKER }), answers(201))],
  attempts: [...creations, ...changes, ...reads, ...token],
};
