import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../support/free-port.ts";
import { startProcess } from "../support/process.ts";
import { sha256 } from "./payloads.ts";
import { RUNTIMES, type Runtime } from "./runtimes.ts";
import { LIMITS, type RequestObject, type Target } from "./target.ts";

export const TOKENS = { source: "source-token-1", narrow: "narrow-token-2", read: "read-token-3", admin: "admin-token-4" } as const;

/** Settings of an installation with sources; `namespace` is all that the narrow one may write to. */
export const credentialSettings = (namespace: string): Record<string, string> => ({
  SOURCE_SHOP: JSON.stringify({ auth: [{ bearerSha256: sha256(TOKENS.source) }] }),
  SOURCE_NARROW: JSON.stringify({
    auth: [{ bearerSha256: sha256(TOKENS.narrow) }],
    namespaces: [namespace],
    environment: "edge",
    backpressure: "429",
  }),
  READ_TOKEN_SHA256: sha256(TOKENS.read),
  ADMIN_TOKEN_SHA256: sha256(TOKENS.admin),
});

type Environment = Readonly<Record<string, string>>;

/** Everything in one process of `runtime` on the emulated Kubernetes API; `access` as in blackBox, `env` replaces single settings. */
export async function openProcess(runtime: Runtime, access: "credentials" | "loopback", env: Environment = {}): Promise<Target> {
  const dir = mkdtempSync(join(tmpdir(), "breakwater-black-box-"));
  const [port, kubePort] = [await freePort(), await freePort()];
  const url = `http://127.0.0.1:${port}`;
  const { command, args } = RUNTIMES[runtime];
  const hasCredentials = access === "credentials";
  const started = await startProcess({
    command,
    args,
    cwd: dir,
    env: {
      PORT: `${port}`,
      KUBE_PORT: `${kubePort}`,
      BIND_ADDRESS: "127.0.0.1",
      ENABLE_STORM_BUFFERING: "false",
      ...(hasCredentials && credentialSettings("shop")),
      ...env,
    },
    ready: new URL("/ready", url),
  });
  const kubeconfig = readFileSync(join(dir, ".breakwater/kubeconfig"), "utf8");
  const { clusters } = JSON.parse(kubeconfig) as { clusters: [{ cluster: { server: string } }] };
  const [{ cluster }] = clusters;
  return {
    url,
    sourceToken: hasCredentials ? TOKENS.source : null,
    narrowToken: hasCredentials ? TOKENS.narrow : null,
    readToken: hasCredentials ? TOKENS.read : null,
    adminToken: hasCredentials ? TOKENS.admin : (/Bearer ([0-9a-f]{32})/.exec(started.output())?.[1] ?? ""),
    namespace: "shop",
    fallbackNamespace: "kubernaut-system",
    limits: LIMITS.process,
    async requests(namespace) {
      const answer = await fetch(`${cluster.server}/apis/remediation.kubernaut.io/v1alpha1/namespaces/${namespace}/remediationrequests`);
      return ((await answer.json()) as { items: RequestObject[] }).items;
    },
    settle: async () => {},
    output: started.output,
    async stop() {
      await started.stop();
      rmSync(dir, { recursive: true });
    },
  };
}
