import { randomBytes } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { openCluster } from "../../src/adapters/kubernetes/cluster.ts";
import type { RequestChange } from "../../src/ports/request-watch.ts";
import { silentLog } from "../support/silent-log.ts";
import { ensureOf, recordOf } from "../unit/kubernetes/builders.ts";

const SOON_MS = 8_000;

/** Follows one request from its creation by another proxy to its count by a third, and prints what the watch told of it; run by every runtime. */
async function probe(kubeConfig: string, namespace: string): Promise<unknown> {
  const log = silentLog;
  const clock = { now: Date.now };
  const open = () =>
    openCluster({
      kubeConfig,
      timeoutMs: 5_000,
      namespaces: [],
      fallbackNamespace: namespace,
      clock,
      log,
      slot: "direct-test",
      onCollision() {},
    });
  const fingerprint = randomBytes(32).toString("hex");
  const told: Extract<RequestChange, { kind: "seen" }>[] = [];
  const watch = open().watch((change) => {
    if (change.kind === "seen" && change.subject === fingerprint) told.push(change);
  });
  const soon = async (done: () => boolean) => {
    for (const endMs = performance.now() + SOON_MS; !done() && performance.now() < endMs; ) await pause(20);
  };
  const counted = (count: number) => told.some(({ slots }) => slots["intent-a"] === count);

  await soon(() => watch.session() !== null);
  const session = watch.session();
  const [made] = await open().writer.perform([ensureOf(fingerprint, "intent-a", namespace)], 5_000);
  if (made?.kind !== "created") return made;
  await soon(() => counted(1));
  const [recorded] = await open().writer.perform([recordOf(made.state, "intent-a", 3)], 5_000);
  await soon(() => counted(3));
  await watch.stop();
  return {
    session: session !== null,
    recorded: recorded?.kind,
    told: told.map(({ state, slots }) => ({ made: state.uid === made.state.uid, followed: state.session === session, slots })),
  };
}

const [kubeConfig = "", namespace = ""] = process.argv.slice(2);
console.log(JSON.stringify(await probe(kubeConfig, namespace).catch(String)));
process.exit(0);
