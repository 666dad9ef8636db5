import { setTimeout as sleep } from "node:timers/promises";
import { type Answer, alertOf } from "../../sender.ts";
import { createAlertmanager } from "../alertmanager.ts";
import { SHOP, type World } from "../world.ts";

type Labels = Readonly<Record<string, string>>;

/** Alerts of pods that nobody has told of before; as critical ones they pass at once. */
export const alerts = (prefix: string, count: number, labels: Labels = {}) =>
  Array.from({ length: count }, (_, at) => alertOf({ namespace: SHOP, pod: `${prefix}-${at}`, ...labels }));

/** Less urgent ones, which wait for others; each of a name of its own, so that no two of them are of one storm. */
export const apart = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, at) => alertOf({ namespace: SHOP, severity: "warning", alertname: `${prefix}-${at}` }));

/** Alerts that nothing identifies, each with labels that no other has. */
export const nameless = (from: number, count: number) =>
  Array.from({ length: count }, (_, at) => ({ status: "firing", labels: { namespace: SHOP, [`label_${from + at}`]: "x" } }));

export const inNamespace = ["-n", "kubernaut-system"] as const;

/** Redis is killed, as by a node that goes, and its StatefulSet starts it nowhere. */
export async function killRedis({ workloads }: World): Promise<Labels> {
  await workloads.of.redis.kill();
  return {};
}

/** Somebody takes rights of the proxy away. */
export function withoutRights({ kubectl }: World): Labels {
  kubectl("delete", "clusterrolebinding", "breakwater-proxy");
  return {};
}

/** Somebody takes one right of the proxy away: that to write counts. */
export function withoutWriting({ kubectl }: World): void {
  const status = { op: "replace", path: "/rules/1/verbs", value: ["get"] };
  kubectl("patch", "clusterrole", "breakwater-proxy", "--type=json", "-p", JSON.stringify([status]));
}

/** Somebody sets variables of the gateways. */
export async function set({ kubectl, workloads }: World, ...settings: readonly string[]): Promise<void> {
  kubectl(...inNamespace, "set", "env", "deployment/breakwater-gateway", ...settings);
  await workloads.settled();
}

/** A policy denies every request in the shop; tells its binding. */
export function freeze({ kubectl, file }: World): Labels {
  const api = "admissionregistration.k8s.io/v1";
  const resource = {
    apiGroups: ["remediation.kubernaut.io"],
    apiVersions: ["*"],
    resources: ["remediationrequests"],
    operations: ["CREATE"],
  };
  const policy = {
    ...{ apiVersion: api, kind: "ValidatingAdmissionPolicy", metadata: { name: "freeze" } },
    spec: {
      matchConstraints: { resourceRules: [resource] },
      validations: [{ expression: "false", message: "not during the freeze", reason: "Forbidden" }],
    },
  };
  const binding = {
    ...{ apiVersion: api, kind: "ValidatingAdmissionPolicyBinding", metadata: { name: "freeze" } },
    spec: {
      ...{ policyName: "freeze", validationActions: ["Deny"] },
      matchResources: { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": SHOP } } },
    },
  };
  kubectl("apply", "-f", file("freeze.json", JSON.stringify({ apiVersion: "v1", kind: "List", items: [policy, binding] })));
  return { NAMESPACE: SHOP, BINDING: "freeze" };
}

/** A policy is heeded some seconds after it is there. */
export async function untilDenied({ send, shell }: World): Promise<void> {
  for (let at = 0; !(await shell("metrics 'gateway_intents_open.* [1-9]' || true\n")); at += 1) {
    await send(...alerts(`denied-${at}`, 1));
    await sleep(250);
  }
}

/** Runs a command in Redis as its administrator. */
export const redis = ({ shell }: World, command: string): Promise<string> => shell(`redis-cli -u "$REDIS_URL" ${command}\n`);

/** The request that an answer names first. */
export const nameOf = ({ result }: Answer): string => result?.remediationRequest?.name ?? "";

/** Somebody moves a request to a phase. */
export function setPhase({ kubectl }: World, name: string, overallPhase: string, ...as: readonly string[]): void {
  const patch = JSON.stringify({ status: { overallPhase } });
  kubectl("-n", SHOP, ...as, "patch", "remediationrequest", name, "--subresource=status", "--type=merge", "-p", patch);
}

/** An Alertmanager of the namespace `monitoring`, which tells the gateway of what it is told. */
export async function alertmanagerOf({ dir, kubectl, tokens, workloads, file }: World, token = tokens.alertmanager, maxAlerts = 0) {
  const alertmanager = await createAlertmanager(dir, `${workloads.of.gateway.urls[0]}`, token ?? "", maxAlerts);
  const workload = workloads.add("monitoring", "alertmanager", alertmanager.url, alertmanager.start);
  const labels = { app: "alertmanager" };
  const metadata = { name: "alertmanager", namespace: "monitoring" };
  const template = { metadata: { labels }, spec: { containers: [{ name: "alertmanager", image: "alertmanager:0.25" }] } };
  const spec = { serviceName: "alertmanager", replicas: 1, selector: { matchLabels: labels }, template };
  kubectl("create", "namespace", "monitoring");
  kubectl("apply", "-f", file("alertmanager.json", JSON.stringify({ apiVersion: "apps/v1", kind: "StatefulSet", metadata, spec })));
  await workloads.settled();
  const { url, configFile, credentialsFile, tell } = alertmanager;
  return { tell, workload, variables: { ALERTMANAGER_URL: url, ALERTMANAGER_CONFIG: configFile, CREDENTIALS_FILE: credentialsFile } };
}
