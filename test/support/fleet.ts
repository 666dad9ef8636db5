import type { Installation } from "./installation.ts";
import { type AlertLabels, type Answer, fire } from "./sender.ts";
import { startWorker } from "./worker.ts";

/** Gateways of one cluster that serve the same senders: two on Bun, one on Node, one on workerd. */
export interface Fleet {
  /** Sends each alert to the next gateway, up to 64 at once; the answers in the order of the alerts. */
  fireAll(alerts: readonly AlertLabels[]): Promise<Answer[]>;
  stop(): Promise<void>;
}

const AT_ONCE = 64;

/** Adds the others to the gateway of an installation, which stops all but the one on workerd. */
export async function startFleet(installation: Installation): Promise<Fleet> {
  const { ROLE, ...settings } = installation.gatewaySettings;
  const worker = await startWorker(settings);
  const gateways = [installation.gateway, await installation.addGateway({}), await installation.addGateway({}, "node"), worker];
  return {
    async fireAll(alerts) {
      const answers: Answer[] = [];
      const left = [...alerts.entries()];
      const send = async () => {
        for (let next = left.shift(); next; next = left.shift()) {
          const [at, labels] = next;
          const gateway = gateways[at % gateways.length] as { readonly url: string };
          answers[at] = await fire({ gateway, sourceToken: installation.sourceToken }, labels);
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, send));
      return answers;
    },
    stop: () => worker.stop(),
  };
}
