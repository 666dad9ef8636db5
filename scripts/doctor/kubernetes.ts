import { readFileSync } from "node:fs";
import { parseAllDocuments } from "yaml";
import * as z from "zod";
import { toApiFailure } from "../../src/adapters/kubernetes/api-reply.ts";
import { type Kubernetes, openKubernetes } from "../../src/adapters/kubernetes/client.ts";
import { checkInstalled } from "../../src/adapters/kubernetes/installed.ts";
import type { KubernetesConfig } from "../../src/config/config.ts";
import { type Finding, findingsOf } from "./finding.ts";

const { ok, wrong, unknown } = findingsOf("kubernetes");

/** Something that the proxy has to be allowed to do. */
interface Right {
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly name: string;
  readonly verb: string;
}

const Review = z.looseObject({ status: z.looseObject({ allowed: z.boolean() }) });

/** Whether the API server can be reached, keeps what is written, and allows each thing that the proxy does. */
export async function examineKubernetes({ kubeConfigPath, namespaces, timeoutMs }: KubernetesConfig): Promise<Finding[]> {
  let kubernetes: Kubernetes;
  try {
    kubernetes = openKubernetes({ kubeConfig: kubeConfigPath ?? "in-cluster", timeoutMs });
  } catch (error) {
    return [wrong("kubeconfig-invalid", (error as Error).message, "kubectl config view --minify, with this KUBE_CONFIG as KUBECONFIG")];
  }
  const kubectl = kubeConfigPath === null ? "kubectl" : `kubectl --kubeconfig ${kubeConfigPath}`;
  const installed = await checkInstalled(kubernetes.objects);
  if (installed !== null && !["definition-missing", "definition-outdated", "forbidden"].includes(installed))
    return [unreachable(installed, kubectl)];
  return [definitionFinding(installed), ...(await examineRights(kubernetes, namespaces, kubectl))];
}

function unreachable(problem: string, kubectl: string): Finding {
  if (problem === "unauthorized")
    return wrong("kubernetes-credential", "the API server does not know the kubeconfig's credential", `${kubectl} auth whoami`);
  return wrong("kubernetes-unreachable", `the API server cannot be asked: ${problem}`, `${kubectl} get --raw /readyz`);
}

function definitionFinding(installed: string | null): Finding {
  if (installed === null) return ok("definition", "the installed RemediationRequest keeps what is written");
  const apply = "kubectl apply -f deploy/crd.yaml";
  if (installed === "definition-missing") return wrong("definition-missing", "no RemediationRequest is defined in this cluster", apply);
  if (installed === "definition-outdated")
    return wrong("definition-outdated", "the installed RemediationRequest drops counts and storms: it is of an older version", apply);
  return unknown("definition-unknown", "the definition of RemediationRequest may not be read", "kubectl apply -f deploy/rbac.yaml");
}

async function examineRights(kubernetes: Kubernetes, namespaces: readonly string[], kubectl: string): Promise<Finding[]> {
  const missing: string[] = [];
  for (const right of neededRights())
    for (const namespace of right.resource === "customresourcedefinitions" || namespaces.length === 0 ? [""] : namespaces) {
      const allowed = await mayDo(kubernetes, right, namespace);
      if (typeof allowed === "string")
        return [unknown("rights-unknown", `rights cannot be asked for: ${allowed}`, `${kubectl} auth can-i --list`)];
      if (!allowed) missing.push(`${right.verb} ${named(right)}${namespace ? ` in ${namespace}` : ""}`);
    }
  return missing.length === 0
    ? [ok("rights", "all that the proxy does is allowed")]
    : [wrong("rights-missing", `not allowed: ${missing.join(", ")}`, "kubectl apply -f deploy/rbac.yaml")];
}

const named = ({ resource, subresource }: Right): string => resource + (subresource && `/${subresource}`);

async function mayDo({ objects }: Kubernetes, { name, ...right }: Right, namespace: string): Promise<boolean | string> {
  const resourceAttributes = { ...right, ...(name && { name }), ...(namespace && { namespace }) };
  const body = { apiVersion: "authorization.k8s.io/v1", kind: "SelfSubjectAccessReview", spec: { resourceAttributes } };
  const answer = await objects
    .createClusterCustomObject({ group: "authorization.k8s.io", version: "v1", plural: "selfsubjectaccessreviews", body })
    .catch((error: unknown) => toApiFailure(error).problem);
  if (typeof answer === "string") return answer;
  const review = Review.safeParse(answer);
  return review.success ? review.data.status.allowed : "reply-invalid";
}

const ClusterRole = z.looseObject({
  kind: z.literal("ClusterRole"),
  rules: z.array(
    z.looseObject({
      apiGroups: z.array(z.string()),
      resources: z.array(z.string()),
      verbs: z.array(z.string()),
      resourceNames: z.array(z.string()).default([""]),
    }),
  ),
});

/** What deploy/rbac.yaml grants is what the proxy needs, and no more. */
function neededRights(): Right[] {
  const documents = parseAllDocuments(readFileSync(new URL("../../deploy/rbac.yaml", import.meta.url), "utf8")).map((one) => one.toJS());
  return documents.flatMap((document) => {
    const role = ClusterRole.safeParse(document);
    const rules = role.success ? role.data.rules : [];
    return rules.flatMap(({ apiGroups, resources, verbs, resourceNames }) =>
      apiGroups.flatMap((group) =>
        resources.flatMap((path) => {
          const [resource = "", subresource = ""] = path.split("/");
          return verbs.flatMap((verb) => resourceNames.map((name) => ({ group, resource, subresource, name, verb })));
        }),
      ),
    );
  });
}
