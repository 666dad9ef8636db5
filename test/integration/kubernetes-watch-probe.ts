import { openCluster } from "../../src/adapters/kubernetes/cluster.ts";
import type { RequestChange } from "../../src/ports/request-watch.ts";
import { ensureOf, fingerprintOf } from "../unit/kubernetes/builders.ts";

/** Follows one request from its creation, by another proxy, over a count to its end, and prints what the watch told; run by every runtime. */
async function probe(kubeConfig: string, namespace: string): Promise<unknown> {
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const open = () =>
    openCluster({
      kubeConfig,
      timeoutMs: 5_000,
      namespaces: [],
      fallbackNamespace: namespace,
      clock: { now: Date.now },
      log,
      slot: "direct-test",
      onCollision() {},
    });
  const changes: RequestChange[] = [];
  const waiting = new Set<() => void>();
  const watch = open().watch((change) => {
    changes.push(change);
    for (const wake of waiting) wake();
  });
  const until = async (done: () => boolean) => {
    while (!done()) {
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.add(resolve);
      await Promise.race([promise, new Promise((over) => setTimeout(over, 50))]);
      waiting.delete(resolve);
    }
  };
  await until(() => watch.session() !== null);
  const session = watch.session();
  const [made] = await open().writer.perform([ensureOf(fingerprintOf("d"), "intent-a", namespace)], 5_000);
  if (made?.kind !== "created") return made;
  const own = () => changes.filter((change) => change.kind === "seen" && change.state.uid === made.state.uid);
  await until(() => own().length === 1);
  const { namespace: where, name, uid } = made.state;
  const seen = { firstSeenMs: 0, lastSeenMs: 0, resolvedAtMs: null, storm: null };
  await open().writer.perform([{ kind: "record", request: { namespace: where, name, uid }, slot: "intent-a", count: 3, ...seen }], 5_000);
  await until(() => own().length === 2);
  await watch.stop();
  return {
    sessions: own().every((change) => change.kind === "seen" && change.state.session === session),
    slots: own().map((change) => (change.kind === "seen" ? change.slots : null)),
  };
}

const [kubeConfig = "", namespace = ""] = process.argv.slice(2);
console.log(JSON.stringify(await probe(kubeConfig, namespace).catch(String)));
process.exit(0);
