import type { Cluster } from "../adapters/kubernetes/cluster.ts";
import { startRelay } from "../flows/relay-changes.ts";
import type { Ledger } from "../ports/ledger.ts";
import type { Log } from "../ports/log.ts";
import type { RequestWatch } from "../ports/request-watch.ts";

/** Tells the ledger of every change of a cluster's requests until it is stopped. `follows`: whether the watch is in step now. */
export function runRelay(cluster: Cluster, ledger: Ledger, log: Log): { follows(): boolean; stop(): Promise<void> } {
  let watch: RequestWatch | undefined;
  const relay = startRelay({ ledger, session: () => watch?.session() ?? null, log });
  watch = cluster.watch(relay.tell);
  return {
    follows: () => watch.session() !== null,
    async stop() {
      await watch.stop();
      await relay.stop();
    },
  };
}
