import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import type { RemediationWriter } from "../../ports/remediation-writer.ts";
import type { RequestChange, RequestWatch } from "../../ports/request-watch.ts";
import { type KubernetesOptions, openKubernetes } from "./client.ts";
import { createRequestApi } from "./custom-objects.ts";
import { checkInstalled } from "./installed.ts";
import { pause } from "./pause.ts";
import { createKubernetesWriter } from "./remediation-writer.ts";
import { createRequestFeed } from "./request-feed.ts";
import { createRequestWatcher } from "./watch-requests.ts";

export interface ClusterOptions extends KubernetesOptions {
  /** The only namespaces that requests are made, touched and watched in, beside the fallback; empty: all. */
  readonly namespaces: readonly string[];
  /** Where requests without a namespace go, and those whose namespace is missing or going away. */
  readonly fallbackNamespace: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Names this process where it counts by itself. */
  readonly slot: string;
  /** Called each time two live requests of a fingerprint met. */
  onCollision(): void;
}

/** The requests of one cluster. */
export interface Cluster {
  readonly writer: RemediationWriter;
  /** Begins to watch, once; until then, and while the watch is not in step, the writer asks the API server each time. */
  watch(listen: (change: RequestChange) => void): RequestWatch;
  /** Null: the installed definition keeps what is written; else why not, in a word. */
  installed(): Promise<string | null>;
}

/** Throws a sentence for people where the kubeconfig cannot be read or names no cluster. */
export function openCluster(options: ClusterOptions): Cluster {
  const { namespaces, fallbackNamespace, clock, log, onCollision } = options;
  const kubernetes = openKubernetes(options);
  const api = createRequestApi(kubernetes.objects);
  const timing = { clock, pause, random: Math.random };
  const watcher = createRequestWatcher({
    feed: createRequestFeed(kubernetes),
    api,
    namespaces: namespaces.length > 0 ? [...namespaces, fallbackNamespace] : [],
    fallbackNamespace,
    timing,
    log,
    onCollision,
  });
  return {
    writer: createKubernetesWriter({ api, view: watcher.view, timing, namespaces, fallbackNamespace, slot: options.slot, onCollision }),
    watch: watcher.start,
    installed: () => checkInstalled(kubernetes.objects),
  };
}
