import { afterAll, beforeAll, it } from "vitest";
import { objectsIn, type Shown } from "../../../test/support/checker.ts";
import { complete } from "../../../test/support/faults/lives.ts";
import { sendAll } from "../../../test/support/faults/load.ts";
import { type Installation, relaySettings, startInstallation } from "../../../test/support/installation.ts";
import { type KubernetesFront, openKubernetesFront } from "../../../test/support/kubernetes-front.ts";
import type { Part } from "../../../test/support/part.ts";
import { askApiServer, freshNamespace } from "../../../test/support/real-parts.ts";
import { untilRelayed } from "../../../test/support/relaying.ts";
import { pathOf } from "../../../test/support/requests.ts";
import { counters } from "../../../test/support/sender.ts";
import { startWatchedRedis, type WatchedRedis } from "../../../test/support/sentinel.ts";
import { pause } from "../bench.ts";
import { report } from "../figure.ts";
import { tell } from "../progress.ts";
import { ClusterLife, PAIR_RULE } from "./cluster-life.ts";
import { criteria } from "./rates.ts";

// Ten minutes as in production: storms of 2 to 100 alerts, lone ones, repeats at their sender's pace, events, resolves, requests that end while their
// alerts go on. Redis fails over once, and the API server throttles for 20 s. Every success criterion of the requirements, summed over all of it.

const RUN_MS = 600_000;
/** Before the end, nothing new begins: what waits has its time. */
const LAST_MS = 90_000;
const FAILOVER_AT_MS = 240_000;
const THROTTLED = { fromMs: 420_000, forMs: 20_000 };
const TICK_MS = 500;
const TIDY_EVERY_MS = 5_000;

/** What a test sends to see that the relay vouches for requests has its own at once. */
const FIRST_RULE = '{"match":{"alertname":"KubePodCrashLooping"},"bypass":true}';

let redis: WatchedRedis;
let kubernetes: KubernetesFront;
let installation: Installation;
let gateways: readonly Part[];
let namespaces: readonly string[];

beforeAll(async () => {
  [redis, kubernetes] = await Promise.all([startWatchedRedis(), openKubernetesFront()]);
  namespaces = await Promise.all([1, 2, 3].map(() => freshNamespace("criteria")));
  installation = await startInstallation({
    bridge: redis.bridge,
    kubernetesUrl: kubernetes.url,
    proxies: [relaySettings(redis.bridge, namespaces)],
    gateway: { ENABLE_STORM_BUFFERING: "true", STORM_RULE_PAIR: PAIR_RULE, STORM_RULE_FIRST: FIRST_RULE },
  });
  gateways = [installation.gateway, await installation.addGateway({}, "node")];
});
afterAll(async () => {
  await installation?.stop();
  await kubernetes?.close();
  await redis?.stop();
});

const kubernetesItself = { askApi: askApiServer };

const everything = async (): Promise<Shown[]> => (await Promise.all(namespaces.map((name) => objectsIn(kubernetesItself, name)))).flat();

/** Whether a gateway does without Redis or its proxy. */
async function isAnyBreakerOpen(): Promise<boolean> {
  const all = await Promise.all(gateways.map((gateway) => counters(gateway).catch(() => ({}) as Record<string, number>)));
  return all.some(({ gateway_breaker_open = 0 }) => gateway_breaker_open > 0);
}

it("ten minutes as in production", { timeout: 900_000 }, async (context) => {
  await Promise.all(namespaces.map((name) => untilRelayed(installation, name)));
  const before = await counters(installation.gateway);
  const passedBefore = kubernetes.passed.length;
  const startMs = performance.now();
  const life = new ClusterLife(namespaces, startMs, startMs + RUN_MS - LAST_MS);
  const isOver = () => performance.now() - startMs >= RUN_MS;
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
    for (; !isOver(); await pause(1_000)) isBreakerOpen = await isAnyBreakerOpen();
  };
  const remediate = async () => {
    for (; !isOver(); await pause(TIDY_EVERY_MS)) {
      for (const namespace of namespaces) {
        const objects = await objectsIn(kubernetesItself, namespace);
        for (const object of life.done(objects, performance.now())) {
          if (await complete(kubernetesItself, pathOf(namespace, object.metadata.name))) life.ending(object, performance.now());
        }
      }
    }
  };
  const fail = async () => {
    await pause(FAILOVER_AT_MS);
    await redis.replicated();
    await redis.killMaster();
    tell("criteria: the master of Redis is gone");
    await pause(THROTTLED.fromMs - FAILOVER_AT_MS);
    kubernetes.throttle();
    await pause(THROTTLED.forMs);
    kubernetes.open();
    tell("criteria: the API server has throttled");
  };
  await Promise.all([send(), watch(), remediate(), fail()]);

  const after = await counters(installation.gateway);
  const grown = (name: string) => (after[name] ?? 0) - (before[name] ?? 0);
  const { storms, firstRequestsS } = life.outcome(await everything(), performance.timeOrigin);
  tell(`criteria: ${life.decisions.length} alerts in ${webhooks} webhooks, ${storms.length} storms`);
  const figures = criteria({
    decisions: life.decisions,
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
  });
  report(context, [{ name: "criteria-alerts", value: life.decisions.length, unit: "alerts" }, ...figures]);
});
