import { ApiFailure } from "../../src/adapters/kubernetes/api-failure.ts";
import { pause } from "../../src/adapters/kubernetes/pause.ts";
import { createKubernetesWriter, type KubernetesWriterOptions } from "../../src/adapters/kubernetes/remediation-writer.ts";
import { NO_VIEW } from "../../src/adapters/kubernetes/request-view.ts";
import { createRequestWatcher } from "../../src/adapters/kubernetes/watch-requests.ts";
import { startRelay } from "../../src/flows/relay-changes.ts";
import type { RemediationWriter } from "../../src/ports/remediation-writer.ts";
import type { RequestChange, RequestWatch } from "../../src/ports/request-watch.ts";
import { FALLBACK } from "../unit/kubernetes/builders.ts";
import { modelApi } from "../unit/kubernetes/cluster-model.ts";
import { SimulatedFeed } from "./feed.ts";
import type { Process } from "./process.ts";
import { Draws } from "./random.ts";
import { remoteLedger } from "./remote-ledger.ts";
import type { World } from "./world.ts";

const KUBE_TIMEOUT_MS = 3_000;

export interface ProxyServer {
  readonly process: Process;
  readonly writer: RemediationWriter;
  readonly feed: SimulatedFeed;
}

/** The real writer, watch and relay over the model of an API server. */
export function startProxy(world: World, process: Process): ProxyServer {
  const { network, time, model, plan, log } = world;
  const api = modelApi(model, (effect, call) =>
    network.call({
      ...{ from: process, to: null, place: "kube", what: call, timeoutMs: KUBE_TIMEOUT_MS },
      arrive(isAwaited) {
        if (call === "create" && !isAwaited) world.stray += 1;
        return effect();
      },
      failed: (effect) => new ApiFailure(effect === "none" ? "api-unreachable" : "timeout"),
    }),
  );
  const draws = new Draws(plan.seed, process.name);
  const sleptMs = () => (world.sabotage?.stillClocks ? process.sleptMs : 0);
  const timing = { clock: { now: () => time.nowMs + process.skewMs - sleptMs() }, pause, random: draws.next };
  const feed = new SimulatedFeed({ model, network, time, process, oldest: () => world.oldestVersion });
  const shared = { api, timing, fallbackNamespace: FALLBACK, namespaces: [], onCollision() {}, log };
  const watcher = createRequestWatcher({ ...shared, feed });
  const options: KubernetesWriterOptions = { ...shared, slot: `direct-${process.name}`, view: plan.watched ? watcher.view : NO_VIEW };
  const writer = process.run(() => (world.sabotage?.writer ?? createKubernetesWriter)(options));
  if (plan.watched) process.run(() => follow(world, process, watcher.start));
  return { process, writer, feed };
}

function follow(world: World, process: Process, start: (listen: (change: RequestChange) => void) => RequestWatch): void {
  let watch: RequestWatch | undefined;
  const ledger = remoteLedger(world.ledger, world.network, process);
  const relay = startRelay({ ledger, session: () => watch?.session() ?? null, log: world.log });
  watch = start((change) => {
    noteHeard(world, process, change);
    relay.tell(change);
  });
}

/** A watch that sleeps for no longer may not notice it. */
const UNNOTICED_MS = 10_000;

/** An end was heard of as it came: the watch was neither cut off nor asleep. */
function noteHeard({ tracks, time }: World, { sleepsSinceMs, wokeAtMs }: Process, change: RequestChange): void {
  const track = tracks.all.get(change.kind === "seen" ? change.state.uid : change.uid);
  const isLate = change.kind === "seen" ? !change.state.ended || change.state.session === null : change.kind === "gone" && change.late;
  if (!track || isLate) return;
  const sleptOverMs = wokeAtMs - Math.max(sleepsSinceMs, track.endedMs ?? time.nowMs);
  if (sleptOverMs <= UNNOTICED_MS) track.heardMs = time.nowMs;
}
