import { type Installation, type InstallationOptions, relaySettings, startInstallation } from "../../test/support/installation.ts";
import { type OwnRedis, startOwnRedis } from "../../test/support/own-redis.ts";
import { freshNamespace } from "../../test/support/real-parts.ts";
import { untilRelayed } from "../../test/support/relaying.ts";
import { type Answer, counters, fire } from "../../test/support/sender.ts";
import { type KubernetesLog, openKubernetesLog } from "./kubernetes-log.ts";
import { openRedisLog, type RedisLog } from "./redis-log.ts";

/** Gateway and proxy with a relay as processes, on a Redis of their own and one namespace, with a front before everything that is counted. */
export interface Bench {
  readonly installation: Installation;
  readonly namespace: string;
  readonly redis: RedisLog;
  readonly kubernetes: KubernetesLog;
  fire(pod: string): Promise<Answer>;
  /** Requests that have still to be made, and counts to be written. */
  owed(): Promise<number>;
  /** Hits and misses of the remembered states so far. */
  stateCache(): Promise<{ readonly hits: number; readonly misses: number }>;
  stop(): Promise<void>;
}

/** Starts one and waits until its relay vouches for what it sees. */
export async function startBench({ gateway }: Pick<InstallationOptions, "gateway"> = {}): Promise<Bench> {
  const [own, kubernetes, namespace]: [OwnRedis, KubernetesLog, string] = await Promise.all([
    startOwnRedis(),
    openKubernetesLog(),
    freshNamespace("figures"),
  ]);
  const redis = await openRedisLog(own.bridge);
  const installation = await startInstallation({
    bridge: redis.access,
    kubernetesUrl: kubernetes.url,
    proxies: [relaySettings(own.bridge, [namespace])],
    ...(gateway && { gateway }),
  });
  // Without deduplication by state nothing shows that a relay is there.
  if (gateway?.ENABLE_STATE_BASED_DEDUP !== "false") await untilRelayed(installation, namespace);
  return {
    installation,
    namespace,
    redis,
    kubernetes,
    fire: (pod) => fire(installation, { namespace, pod }),
    owed: () => own.owed(installation.cluster),
    async stateCache() {
      const { gateway_crd_state_cache_hits_total: hits = 0, gateway_crd_state_cache_misses_total: misses = 0 } = await counters(
        installation.gateway,
      );
      return { hits, misses };
    },
    async stop() {
      await installation.stop();
      await Promise.all([redis.close(), kubernetes.close()]);
      await own.stop();
    },
  };
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Sends `count` times, `perSecond` of them each second whether or not the earlier ones are answered; the answers in order. */
export async function sendEvenly<Value>(count: number, perSecond: number, send: (index: number) => Promise<Value>): Promise<Value[]> {
  const startedMs = performance.now();
  const sent: Promise<Value>[] = [];
  for (let index = 0; index < count; index += 1) {
    await pause(Math.max(0, startedMs + (index * 1_000) / perSecond - performance.now()));
    sent.push(send(index));
  }
  return Promise.all(sent);
}
