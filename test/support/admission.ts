import { setTimeout as sleep } from "node:timers/promises";
import { draftFor, fingerprintOf } from "../unit/kubernetes/builders.ts";
import { askApiServer, freshName } from "./real-parts.ts";

const CONFIGURATIONS = "/apis/admissionregistration.k8s.io/v1";

/** Creates a configuration of admission; throws where the API server does not take it. */
export async function createConfiguration(kind: string, body: object): Promise<void> {
  const { status, body: answer } = await askApiServer(`${CONFIGURATIONS}/${kind}`, { method: "POST", body });
  if (status !== 201) throw new Error(`${kind}: ${status} ${JSON.stringify(answer)}`);
}

export const removeConfiguration = (kind: string, name: string): Promise<unknown> =>
  askApiServer(`${CONFIGURATIONS}/${kind}/${name}`, { method: "DELETE" });

/** Selects one namespace. */
export const inNamespace = (namespace: string) => ({ matchLabels: { "kubernetes.io/metadata.name": namespace } });

/** The creation of any RemediationRequest. */
export const CREATION = {
  apiGroups: ["remediation.kubernaut.io"],
  apiVersions: ["*"],
  resources: ["remediationrequests"],
  operations: ["CREATE"],
};

/** Denies every creation in a namespace by a ValidatingAdmissionPolicy until the returned function is called. `reason` decides the status. */
export async function denyByPolicy(namespace: string, reason: string): Promise<() => Promise<unknown>> {
  const name = freshName("policy");
  const validations = [{ expression: "false", message: "not during the freeze", reason }];
  const spec = { failurePolicy: "Fail", matchConstraints: { resourceRules: [CREATION] }, validations };
  await createConfiguration("validatingadmissionpolicies", { metadata: { name }, spec });
  const binding = { policyName: name, validationActions: ["Deny"], matchResources: { namespaceSelector: inNamespace(namespace) } };
  await createConfiguration("validatingadmissionpolicybindings", { metadata: { name }, spec: binding });
  return async () => {
    await removeConfiguration("validatingadmissionpolicybindings", name);
    await removeConfiguration("validatingadmissionpolicies", name);
  };
}

/** The code of a creation by hand once admission is as configured, which the API server takes some time to heed. */
export async function untilAnswered(namespace: string, denied: boolean): Promise<number> {
  const path = `/apis/remediation.kubernaut.io/v1alpha1/namespaces/${namespace}/remediationrequests?dryRun=All`;
  const { spec } = draftFor(fingerprintOf("f"), namespace);
  const body = { apiVersion: "remediation.kubernaut.io/v1alpha1", kind: "RemediationRequest", metadata: { name: "probe" }, spec };
  for (let tries = 0; tries < 100; tries += 1) {
    const { status, body: answer } = await askApiServer(path, { method: "POST", body });
    const { message = "" } = answer as { message?: string };
    if (/denied/.test(message) === denied) return status;
    await sleep(100);
  }
  throw new Error(`admission did not ${denied ? "begin" : "end"}`);
}
