import { manifestFor, stormManifest } from "../../../src/adapters/kubernetes/manifest.ts";
import type { RequestApi } from "../../../src/adapters/kubernetes/request-api.ts";
import { createRequestWatcher } from "../../../src/adapters/kubernetes/watch-requests.ts";
import { stormSpec } from "../../../src/domain/storm-draft.ts";
import type { RequestChange } from "../../../src/ports/request-watch.ts";
import { silentLog } from "../../support/silent-log.ts";
import { draftFor, FALLBACK, fingerprintOf, stormDraftOf } from "./builders.ts";
import { atOnce, ClusterModel, modelApi, type Schedule } from "./cluster-model.ts";
import { FeedModel, handTiming, settled } from "./feed-model.ts";

export interface WatchBenchOptions {
  readonly namespaces?: readonly string[];
  readonly model?: ClusterModel;
  readonly time?: ReturnType<typeof handTiming>;
  readonly schedule?: Schedule;
}

/** A watcher on a model of the API server, its time and connections in the test's hand. */
export function openWatch({ namespaces = [], model = new ClusterModel(), time = handTiming(), schedule = atOnce }: WatchBenchOptions = {}) {
  const feed = new FeedModel(model);
  const calls: (keyof RequestApi)[] = [];
  const changes: RequestChange[] = [];
  let collisions = 0;
  const api = modelApi(model, (effect, call) => {
    calls.push(call);
    return schedule(effect, call);
  });
  const watcher = createRequestWatcher({
    feed,
    api,
    namespaces,
    fallbackNamespace: FALLBACK,
    timing: time.timing,
    log: silentLog,
    onCollision: () => collisions++,
  });
  const start = async () => {
    const watch = watcher.start((change) => changes.push(change));
    await settled();
    return watch;
  };
  /** What was told since the last time, in short. */
  const told = () =>
    changes.splice(0).map((change) => {
      if (change.kind === "seen") return `${change.state.name} ${change.state.phase || "-"}`;
      return change.kind === "gone" ? `gone ${change.uid}` : `moved ${change.uid} to ${change.state.name}`;
    });
  return { model, feed, time, watcher, start, told, changes, calls, collisions: () => collisions };
}

/** A request as an ensure makes it. */
export const plant = (model: ClusterModel, name: string, namespace = "shop", digit = "a") =>
  model.create(namespace, manifestFor(draftFor(fingerprintOf(digit), namespace), `intent-${name}`, name));

/** A fingerprint of its own for each number, alike in nothing that its id shows. */
export const memberOf = (n: number): string => n.toString(16).padStart(16, "0").padEnd(64, "e");

/** A storm's request as an ensure makes it, of the group `aaa…`. */
export function plantStorm(model: ClusterModel, window: string, members: readonly number[], namespace = "shop") {
  const draft = stormDraftOf(fingerprintOf("a"), window, members.map(memberOf), namespace);
  return model.create(namespace, stormManifest(draft, stormSpec(draft, 100_000), `intent-${window}`));
}
