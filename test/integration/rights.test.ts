import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { openKubernetes } from "../../src/adapters/kubernetes/client.ts";
import { apiBench } from "../contract/kubernetes-bench.ts";
import { remediationWriterContract } from "../contract/remediation-writer.contract.ts";
import { requestApiServer } from "../support/api-request.ts";
import { proxyKubeconfig } from "../support/installation.ts";
import { OVERLAYS, rendered } from "../support/manifests.ts";
import { askApiServer, freshNamespace, kubectl, realParts } from "../support/real-parts.ts";

/** All that a rule can name; the last ones are asked of no path, but by what other calls say. */
const VERBS = [
  "get",
  "list",
  "watch",
  "create",
  "update",
  "patch",
  "delete",
  "deletecollection",
  "impersonate",
  "bind",
  "escalate",
  "approve",
  "sign",
  "use",
];

interface Resource {
  readonly group: string;
  /** With its subresource, as `pods/log`. */
  readonly resource: string;
  readonly namespaced: boolean;
}

/** What discovery does not list, though rights can be given to it. */
const HIDDEN: readonly Resource[] = [
  { group: "", resource: "users", namespaced: false },
  { group: "", resource: "groups", namespaced: false },
  { group: "authentication.k8s.io", resource: "uids", namespaced: false },
  { group: "authentication.k8s.io", resource: "userextras/scopes", namespaced: false },
  { group: "certificates.k8s.io", resource: "signers", namespaced: false },
];

const NAMESPACE = "kubernaut-system";
const DEFINITION = "remediationrequests.remediation.kubernaut.io";

interface Listed {
  readonly resources: readonly { readonly name: string; readonly namespaced: boolean }[];
}

const bodyOf = async <T>(path: string): Promise<T> => (await askApiServer(path)).body as T;

/** Everything that the API server serves, each resource in each version once. */
async function allResources(): Promise<Resource[]> {
  const { groups } = await bodyOf<{ groups: { name: string; versions: { groupVersion: string }[] }[] }>("/apis");
  const served = groups.flatMap(({ name, versions }) =>
    versions.map(({ groupVersion }) => ({ group: name, path: `/apis/${groupVersion}` })),
  );
  const lists = await Promise.all(
    [{ group: "", path: "/api/v1" }, ...served].map(async ({ group, path }) =>
      (await bodyOf<Listed>(path)).resources.map(({ name, namespaced }): Resource => ({ group, resource: name, namespaced })),
    ),
  );
  const all = [...lists.flat(), ...HIDDEN];
  return [...new Map(all.map((each) => [`${each.resource}.${each.group}`, each])).values()];
}

/** Asks the API server as an account what that may do. */
function asking(token: string) {
  const { apiServerUrl, caFile } = realParts();
  const post = async (kind: string, spec: object) => {
    const path = `/apis/authorization.k8s.io/v1/${kind.toLowerCase()}s`;
    const body = { apiVersion: "authorization.k8s.io/v1", kind, spec };
    const answer = await requestApiServer({ url: apiServerUrl, caFile, adminToken: token }, path, { method: "POST", body });
    if (answer.status !== 201) throw new Error(`the API server answered ${answer.status} to a ${kind}`);
    return (answer.body as { status: { allowed: boolean; resourceRules: object[]; nonResourceRules: object[] } }).status;
  };
  const may = async (verb: string, { group, resource, namespaced }: Resource, name?: string) => {
    const [plural, subresource] = resource.split("/");
    const resourceAttributes = { verb, group, resource: plural, subresource, ...(namespaced && { namespace: NAMESPACE }), name };
    return (await post("SelfSubjectAccessReview", { resourceAttributes })).allowed;
  };
  return {
    may,
    rules: () => post("SelfSubjectRulesReview", { namespace: NAMESPACE }),
    /** Each `verb resource.group` that is allowed, of every verb and resource. */
    async allowed(resources: readonly Resource[]): Promise<string[]> {
      const found: string[] = [];
      for (const each of resources) {
        const answers = await Promise.all(VERBS.map((verb) => may(verb, each)));
        found.push(...VERBS.filter((_, at) => answers[at]).map((verb) => `${verb} ${each.resource}.${each.group}`));
      }
      return found;
    },
  };
}

const tokenOf = (account: string, namespace: string) => kubectl(["create", "token", account, `--namespace=${namespace}`]).trim();

describe("the proxy's ServiceAccount", () => {
  let proxy: ReturnType<typeof asking>;
  let anybody: ReturnType<typeof asking>;
  beforeAll(async () => {
    const namespace = await freshNamespace("unbound");
    kubectl(["create", "serviceaccount", "anybody", `--namespace=${namespace}`]);
    proxy = asking(tokenOf("breakwater-proxy", NAMESPACE));
    anybody = asking(tokenOf("anybody", namespace));
  });

  it("may do exactly this of all verbs and resources that the API server has, beyond an account that nothing is granted to", async () => {
    const resources = await allResources();
    expect(resources.length).toBeGreaterThan(100);
    const [own, common] = [await proxy.allowed(resources), new Set(await anybody.allowed(resources))];
    const requests = "remediationrequests.remediation.kubernaut.io";
    const status = "remediationrequests/status.remediation.kubernaut.io";
    expect(own.filter((each) => !common.has(each))).toEqual([
      ...["get", "list", "watch", "create", "patch", "delete"].map((verb) => `${verb} ${requests}`),
      ...["get", "patch"].map((verb) => `${verb} ${status}`),
    ]);
  }, 120_000);

  it("may do of single objects nothing but read the one definition", async () => {
    const definitions = { group: "apiextensions.k8s.io", resource: "customresourcedefinitions", namespaced: false };
    const allowed = async (name: string) => {
      const answers = await Promise.all(VERBS.map((verb) => proxy.may(verb, definitions, name)));
      return VERBS.filter((_, at) => answers[at]);
    };
    expect(await allowed(DEFINITION)).toEqual(["get"]);
    expect(await allowed("others.example.com")).toEqual([]);
    const [{ resourceRules, nonResourceRules }, common] = [await proxy.rules(), await anybody.rules()];
    const beyond = (rules: readonly object[], of: readonly object[]) => {
      const known = new Set(of.map((rule) => JSON.stringify(rule)));
      return rules.filter((rule) => !known.has(JSON.stringify(rule)));
    };
    const [, role] = parseAllDocuments(readFileSync("deploy/rbac.yaml", "utf8")).map((one) => one.toJS());
    expect(beyond(resourceRules, common.resourceRules)).toEqual(expect.arrayContaining(role.rules));
    expect(beyond(resourceRules, common.resourceRules)).toHaveLength(role.rules.length);
    expect(beyond(nonResourceRules, common.nonResourceRules)).toEqual([]);
  });

  it.each(OVERLAYS)("is given nothing more by the overlay %s, and nobody else is given anything", (overlay) => {
    const granting = rendered(overlay).filter(({ apiVersion }) => apiVersion.startsWith("rbac."));
    const installed = parseAllDocuments(readFileSync("deploy/rbac.yaml", "utf8")).map((one) => one.toJS());
    expect(granting).toEqual(installed.filter(({ kind }) => kind !== "ServiceAccount"));
  });
});

const dir = mkdtempSync(join(tmpdir(), "breakwater-rights-"));
const proxyConfig = join(dir, "kubeconfig");
beforeAll(() => writeFileSync(proxyConfig, proxyKubeconfig(realParts().apiServerUrl), { mode: 0o600 }));
afterAll(() => rmSync(dir, { recursive: true }));

const connect = (kubeConfig: string) => openKubernetes({ kubeConfig, timeoutMs: 5_000 }).objects;

remediationWriterContract("Kubernetes, with no more rights than the proxy's ServiceAccount has", async () => {
  const [namespace, fallback] = [await freshNamespace("rights"), await freshNamespace("fallback")];
  return apiBench(connect(realParts().kubeconfigPath), namespace, fallback, connect(proxyConfig));
});
