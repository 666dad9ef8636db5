import type { AllRoleConfig, StoreConfig } from "../config/config.ts";

interface Welcome {
  readonly config: AllRoleConfig;
  /** Where it listens. */
  readonly port: number;
  /** Null: set up by who started it, or there is none and the admin routes are closed. */
  readonly adminToken: string | null;
  /** Null: a cluster was named. */
  readonly kubeconfig: string | null;
}

const LEDGERS: Readonly<Record<StoreConfig["kind"], string>> = {
  memory: "in memory: what is not in Kubernetes yet is lost with this process",
  connection: "the Redis at REDIS_URL",
  rest: "the Redis at UPSTASH_REDIS_REST_URL",
};

const seconds = (ms: number): string => `${ms / 1_000} s`;

/** What somebody who has just started Breakwater needs to see it work. */
export function welcome({ config, port, adminToken, kubeconfig }: Welcome): string {
  const url = `http://localhost:${port}`;
  const lines = [
    `Breakwater is ready on ${url}`,
    `  ledger      ${LEDGERS[config.store.kind]}`,
    kubeconfig
      ? `  Kubernetes  emulated: kubectl --kubeconfig ${kubeconfig} get remediationrequests -A`
      : "  Kubernetes  the cluster of KUBE_CONFIG",
  ];
  const { enabled, defaults } = config.gateway.storm;
  // Windows are short here, and whoever knows the documented times would look for something broken.
  if (kubeconfig && enabled)
    lines.push(
      `  storms      ${defaults.threshold} different alerts of one name and namespace become one request; one alone waits ${seconds(defaults.firstRequestMs)} for others,`,
      `              a storm ends ${seconds(defaults.joinMs)} after its last (45 s and 600 s on a real cluster, unless they are set)`,
    );
  if (!adminToken && config.gateway.adminTokenSha256.length === 0)
    lines.push(
      `  admin       closed: set ADMIN_TOKEN_SHA256 to the hash of a token, as in token=$(openssl rand -hex 32); printf %s "$token" | sha256sum`,
    );
  if (adminToken) lines.push(`  admin       curl -H "Authorization: Bearer ${adminToken}" ${url}/api/v1/admin/dead-letters`);
  if (config.gateway.sources.length === 0)
    lines.push(`  try         curl -i ${url}/api/v1/signals/prometheus -H 'content-type: application/json' -d @docs/example-alert.json`);
  return lines.join("\n");
}
