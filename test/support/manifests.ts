import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";

export const OVERLAYS = ["all-in-cluster", "proxy-for-edge"] as const;
export type Overlay = (typeof OVERLAYS)[number];

type Texts = Readonly<Record<string, string>>;

export interface Selector {
  readonly matchLabels?: Texts;
  readonly matchExpressions?: readonly { readonly key: string; readonly operator: string; readonly values: readonly string[] }[];
}

export interface Probe {
  readonly httpGet?: { readonly path: string; readonly port: string };
  readonly tcpSocket?: { readonly port: string };
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value: string }[];
  readonly envFrom?: readonly { readonly secretRef: { readonly name: string; readonly optional?: boolean } }[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly resources: { readonly requests: Texts; readonly limits: Texts };
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly startupProbe?: Probe;
  readonly readinessProbe: Probe;
  readonly livenessProbe?: Probe;
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
}

export interface PodSpec {
  readonly serviceAccountName: string;
  readonly automountServiceAccountToken: boolean;
  readonly enableServiceLinks: boolean;
  readonly terminationGracePeriodSeconds: number;
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly containers: readonly [Container];
  readonly volumes?: readonly {
    readonly name: string;
    readonly configMap?: { readonly name: string };
    readonly secret?: { readonly secretName: string };
  }[];
}

/** As much of an object as tests look at; which fields it has follows from its kind. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly data?: Texts;
  readonly stringData?: Texts;
  readonly automountServiceAccountToken?: boolean;
  readonly spec: {
    /** Of a Service labels, of all others a selector. */
    readonly selector: unknown;
    readonly replicas: number;
    readonly ports: readonly { readonly port: number; readonly targetPort: string }[];
    readonly template: { readonly metadata: { readonly labels: Texts }; readonly spec: PodSpec };
    readonly volumeClaimTemplates?: readonly { readonly metadata: { readonly name: string } }[];
  };
}

export interface NetworkPeer {
  readonly podSelector?: Selector;
  readonly namespaceSelector?: Selector;
  readonly ipBlock?: object;
}
export interface NetworkRule {
  readonly from?: readonly NetworkPeer[];
  readonly to?: readonly NetworkPeer[];
  readonly ports: readonly { readonly protocol: string; readonly port: number }[];
}
export interface NetworkPolicy extends Omit<Manifest, "spec"> {
  readonly spec: {
    readonly podSelector: Selector;
    readonly policyTypes: readonly string[];
    readonly ingress?: readonly NetworkRule[];
    readonly egress?: readonly NetworkRule[];
  };
}

const parsed = (yaml: string): Manifest[] => parseAllDocuments(yaml).map((document) => document.toJS() as Manifest);

/** What an overlay puts into a cluster. */
export const rendered = (overlay: Overlay): Manifest[] =>
  parsed(execFileSync("kubectl", ["kustomize", `deploy/overlays/${overlay}`], { encoding: "utf8" }));

/** The objects of a rendered overlay that start pods. */
export const workloads = (manifests: readonly Manifest[]): Manifest[] =>
  manifests.filter(({ kind }) => kind === "Deployment" || kind === "StatefulSet");

/** Secrets by name, each with its values in clear. */
export type Secrets = ReadonlyMap<string, Texts>;

export const UPSTASH = { UPSTASH_REDIS_REST_URL: "https://ledger.example", UPSTASH_REDIS_REST_TOKEN: "token-of-the-test" };

/** What `npm run -s keys -- --secret` makes for an overlay; `gateway`: the secret settings of one outside of the cluster. */
export function printedSecrets(overlay: Overlay): { readonly secrets: Secrets; readonly gateway: Texts | null } {
  const dir = mkdtempSync(join(tmpdir(), "breakwater-keys-"));
  const file = join(dir, "gateway.json");
  const atEdge = overlay === "proxy-for-edge";
  try {
    const args = ["scripts/keys.ts", "--secret", overlay, ...(atEdge ? ["--gateway", file] : [])];
    const printed = parsed(execFileSync(process.execPath, args, { encoding: "utf8", env: { ...process.env, ...UPSTASH } }));
    const secrets = new Map(printed.map(({ metadata, stringData = {} }) => [metadata.name, stringData]));
    return { secrets, gateway: atEdge ? (JSON.parse(readFileSync(file, "utf8")) as Texts) : null };
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** The variables that a kubelet would start a container with, as far as manifests and Secrets say. */
export function environmentOf({ env = [], envFrom = [] }: Container, secrets: Secrets): Texts {
  const named = envFrom.flatMap(({ secretRef }) => Object.entries(secrets.get(secretRef.name) ?? {}));
  return Object.fromEntries([...named, ...env.map(({ name, value }) => [name, value])]);
}

/** Whether a selector means what has these labels. */
export const selects = ({ matchLabels = {}, matchExpressions = [] }: Selector, labels: Texts): boolean =>
  Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
  matchExpressions.every(({ key, operator, values }) => operator === "In" && values.includes(labels[key] ?? ""));
