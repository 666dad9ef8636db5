import { objectsIn } from "../../../test/support/checker.ts";
import { complete } from "../../../test/support/faults/lives.ts";
import { sendAll } from "../../../test/support/faults/load.ts";
import { type Installation, type RestAccess, relaySettings, startInstallation } from "../../../test/support/installation.ts";
import { type KubernetesFront, openKubernetesFront } from "../../../test/support/kubernetes-front.ts";
import type { Part } from "../../../test/support/part.ts";
import { askApiServer, freshNamespace } from "../../../test/support/real-parts.ts";
import { untilRelayed } from "../../../test/support/relaying.ts";
import { pathOf } from "../../../test/support/requests.ts";
import { counters } from "../../../test/support/sender.ts";
import { pause } from "../bench.ts";
import { tell } from "../progress.ts";
import { ClusterLife, PAIR_RULE, type Pace } from "./cluster-life.ts";
import type { Seen } from "./rates.ts";

/** Two gateways and a proxy in a cluster of three namespaces. */
export interface Production {
  readonly installation: Installation;
  readonly gateways: readonly Part[];
  /** Between the proxy and the API server. */
  readonly kubernetes: KubernetesFront;
  readonly namespaces: readonly string[];
  stop(): Promise<void>;
}

export interface ProductionOptions {
  readonly bridge: RestAccess;
  /** Settings of the gateways, beside those of production. */
  readonly gateway?: Readonly<Record<string, string>>;
  /** Nothing tells the gateways of changes in Kubernetes. */
  readonly unwatched?: true;
}

/** How long it is lived in, how long before the end nothing new begins so that what waits has its time, and how quickly. */
export interface Stretch {
  readonly runMs: number;
  readonly lastMs: number;
  readonly pace: Pace;
}

/** What a test sends to see that the relay vouches for requests has its own at once. */
const FIRST_RULE = '{"match":{"alertname":"KubePodCrashLooping"},"bypass":true}';

const TICK_MS = 500;

export async function openProduction({ bridge, gateway, unwatched }: ProductionOptions): Promise<Production> {
  const kubernetes = await openKubernetesFront();
  const namespaces = await Promise.all([1, 2, 3].map(() => freshNamespace("criteria")));
  const installation = await startInstallation({
    bridge,
    kubernetesUrl: kubernetes.url,
    proxies: [unwatched ? { FALLBACK_NAMESPACE: `${namespaces[0]}` } : relaySettings(bridge, namespaces)],
    gateway: { ENABLE_STORM_BUFFERING: "true", STORM_RULE_PAIR: PAIR_RULE, STORM_RULE_FIRST: FIRST_RULE, ...gateway },
  });
  const gateways = [installation.gateway, await installation.addGateway({}, "node")];
  if (!unwatched) await Promise.all(namespaces.map((name) => untilRelayed(installation, name)));
  const stop = async () => {
    await installation.stop();
    await kubernetes.close();
  };
  return { installation, gateways, kubernetes, namespaces, stop };
}

const kubernetesItself = { askApi: askApiServer };

/** Whether a gateway does without Redis or its proxy. */
async function isAnyBreakerOpen(gateways: readonly Part[]): Promise<boolean> {
  const all = await Promise.all(gateways.map((gateway) => counters(gateway).catch(() => ({}) as Record<string, number>)));
  return all.some(({ gateway_breaker_open = 0 }) => gateway_breaker_open > 0);
}

/** Lives in it for a while, and tells what was seen. */
export async function live(
  { installation, gateways, kubernetes, namespaces }: Production,
  { runMs, lastMs, pace }: Stretch,
): Promise<Seen> {
  const before = await counters(installation.gateway);
  const passedBefore = kubernetes.passed.length;
  const startMs = performance.now();
  const life = new ClusterLife(namespaces, pace, startMs, startMs + runMs - lastMs);
  const isOver = () => performance.now() - startMs >= runMs;
  const answersMs: number[] = [];
  const sending: Promise<void>[] = [];
  let [webhooks, webhooksWithBreaker, isBreakerOpen] = [0, 0, false];

  const send = async () => {
    for (; !isOver(); await pause(TICK_MS)) {
      for (const { delivery, problems } of life.due(performance.now())) {
        webhooks += 1;
        if (isBreakerOpen) webhooksWithBreaker += 1;
        const urls = gateways.map(({ url }) => url).sort(() => (webhooks % 2 ? 1 : -1));
        const sent = sendAll([delivery], { urls, token: installation.sourceToken, atOnce: 1 });
        sending.push(
          sent.then(({ taken, answersMs: took }) => {
            answersMs.push(...took);
            for (const one of taken) life.learn(one, problems);
          }),
        );
      }
    }
    await Promise.all(sending);
  };
  const watch = async () => {
    for (; !isOver(); await pause(1_000)) isBreakerOpen = await isAnyBreakerOpen(gateways);
  };
  const remediate = async () => {
    for (; !isOver(); await pause(pace.tidyEveryMs)) {
      for (const namespace of namespaces) {
        const objects = await objectsIn(kubernetesItself, namespace);
        for (const object of life.done(objects, performance.now())) {
          if (await complete(kubernetesItself, pathOf(namespace, object.metadata.name))) life.ending(object, performance.now());
        }
      }
    }
  };
  await Promise.all([send(), watch(), remediate()]);

  const after = await counters(installation.gateway);
  const grown = (name: string) => (after[name] ?? 0) - (before[name] ?? 0);
  const objects = await Promise.all(namespaces.map((name) => objectsIn(kubernetesItself, name)));
  const { storms, firstRequestsS } = life.outcome(objects.flat(), performance.timeOrigin);
  tell(`criteria: ${life.decisions.length} alerts in ${webhooks} webhooks, ${storms.length} storms`);
  return {
    decisions: life.decisions,
    fresh: life.fresh,
    answersMs,
    storms,
    firstRequestsS,
    webhooks,
    webhooksWithBreaker,
    created: grown("gateway_crds_created_total"),
    collisions: grown("gateway_crd_collision_errors_total"),
    cacheHits: grown("gateway_crd_state_cache_hits_total"),
    cacheMisses: grown("gateway_crd_state_cache_misses_total"),
    updates: grown("gateway_crd_update_success_total"),
    updatesGivenUp: grown("gateway_counts_lost_total"),
    kubernetesRequests: kubernetes.passed.length - passedBefore,
    kubernetesLooks: grown("gateway_crd_state_cache_misses_total"),
  };
}
