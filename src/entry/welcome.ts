import type { AllRoleConfig, StoreConfig } from "../config/config.ts";

interface Welcome {
  readonly config: AllRoleConfig;
  /** Where it listens. */
  readonly port: number;
  /** Null: set up by who started it. */
  readonly adminToken: string | null;
  /** Null: a cluster was named. */
  readonly kubeconfig: string | null;
}

const LEDGERS: Readonly<Record<StoreConfig["kind"], string>> = {
  memory: "in memory: what is not in Kubernetes yet is lost with this process",
  connection: "the Redis at REDIS_URL",
  rest: "the Redis at UPSTASH_REDIS_REST_URL",
};

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
  if (adminToken) lines.push(`  admin       curl -H "Authorization: Bearer ${adminToken}" ${url}/api/v1/admin/dead-letters`);
  if (config.gateway.sources.length === 0)
    lines.push(`  try         curl -i ${url}/api/v1/signals/prometheus -H 'content-type: application/json' -d @docs/example-alert.json`);
  return lines.join("\n");
}
