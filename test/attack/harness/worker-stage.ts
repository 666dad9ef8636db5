import { openWorker } from "../../integration/runtimes-target.ts";
import { TOKENS } from "../../runtime/process-target.ts";
import type { RequestObject } from "../../runtime/target.ts";
import { askApiServer, realParts } from "../../support/real-parts.ts";
import { createCallKeys } from "./call-token.ts";
import { PLANTED } from "./planted.ts";
import { TRESPASS } from "./request.ts";
import type { Stage } from "./stage.ts";

/** The gateway as a Worker, with a proxy on the real API server, on the Redis of the whole run. */
export async function openWorkerd(): Promise<Stage> {
  const target = await openWorker();
  const { namespace, fallbackNamespace } = target;
  const { bridgeToken, adminToken } = realParts();
  const before = target.proxy.output().length;
  return {
    platform: "workerd",
    urls: { gateway: target.url },
    tokens: { ...TOKENS, bridge: bridgeToken, emulation: "" },
    namespace,
    fallbackNamespace,
    cluster: "",
    limits: target.limits,
    keys: createCallKeys(),
    secrets: [...Object.values(TOKENS), bridgeToken, adminToken, ...Object.values(PLANTED)],
    redis: null,
    async requests() {
      const { body } = await askApiServer("/apis/remediation.kubernaut.io/v1alpha1/remediationrequests");
      // Other suites of the run make requests there, too, some without a spec.
      const isOwn = ({ metadata, spec }: Omit<RequestObject, "spec"> & Partial<RequestObject>) =>
        [namespace, fallbackNamespace].includes(metadata.namespace) || spec?.signalName === TRESPASS;
      return (body as { items: RequestObject[] }).items.filter(isOwn);
    },
    logs: () => ({ gateway: target.worker.output(), proxy: target.proxy.output().slice(before) }),
    stop: target.stop,
  };
}
