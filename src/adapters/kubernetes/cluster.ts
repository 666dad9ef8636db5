import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import type { RemediationWriter } from "../../ports/remediation-writer.ts";
import type { RequestChange, RequestWatch } from "../../ports/request-watch.ts";
import { type Kubernetes, type KubernetesOptions, openKubernetes } from "./client.ts";
import { createRequestApi } from "./custom-objects.ts";
import { checkInstalled } from "./installed.ts";
import type { Timing } from "./pace.ts";
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
  /** Writes what was counted without a ledger and is not written yet, as far as that can be done within 5 s. */
  settle(): Promise<void>;
  /** Objects whose counts, taken without a ledger, are not written yet. */
  countsUnwritten(): number;
  /** Null: the installed definition keeps what is written; else why not, in a word. */
  installed(): Promise<string | null>;
}

/** Throws a sentence for people where the kubeconfig cannot be read or names no cluster. */
export function openCluster(options: ClusterOptions): Cluster {
  const kubernetes = openKubernetes(options);
  const { writer, watcher } = createClusterParts(kubernetes, { ...options, timing: { clock: options.clock, pause, random: Math.random } });
  return {
    writer,
    settle: writer.settle,
    countsUnwritten: writer.countsUnwritten,
    watch: watcher.start,
    installed: () => checkInstalled(kubernetes.objects),
  };
}

export interface PartsOptions extends Omit<ClusterOptions, keyof KubernetesOptions | "clock"> {
  readonly timing: Timing;
}

/** A writer, and the watcher whose view it looks at, over a cluster's connections. */
export function createClusterParts(
  kubernetes: Kubernetes,
  { namespaces, fallbackNamespace, timing, log, slot, onCollision }: PartsOptions,
) {
  const api = createRequestApi(kubernetes.objects);
  const watcher = createRequestWatcher({
    feed: createRequestFeed(kubernetes),
    api,
    namespaces: namespaces.length > 0 ? [...namespaces, fallbackNamespace] : [],
    fallbackNamespace,
    timing,
    log,
    onCollision,
  });
  const writer = createKubernetesWriter({ api, view: watcher.view, timing, namespaces, fallbackNamespace, slot, onCollision, log });
  return { writer, watcher };
}
