import { afterAll, beforeAll, expect, it } from "vitest";
import { type Bench, pause, sendEvenly, startBench } from "../bench.ts";
import { mostWithin, percentile, report } from "../figure.ts";
import { type Asked, apiServerRequests, grown } from "../kubernetes-log.ts";

const PODS = Array.from({ length: 10 }, (_, at) => `checkout-${at + 10}`);
const podAt = (index: number) => PODS[index % PODS.length] as string;

/** Long enough for every count that is owed to be written. */
const DRAINED_MS = 7_000;

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
  for (const pod of PODS) expect(await bench.fire(pod)).toMatchObject({ status: 201 });
  await pause(DRAINED_MS);
});
afterAll(() => bench?.stop());

/** When each object was asked for in one of the ways, by object. */
const timesOf = (asked: readonly Asked[], verb: Asked["verb"]): readonly number[][] =>
  [
    ...Map.groupBy(
      asked.filter((one) => one.verb === verb),
      ({ name }) => name,
    ).values(),
  ].map((ones) => ones.map(({ atMs }) => atMs));

/** Reads that no status write followed: those that a decision waited for. A write reads its object first, well within 2 s. */
function readsToDecide(asked: readonly Asked[]): readonly Asked[] {
  const writes = asked.filter(({ verb }) => verb === "PATCH");
  const used = new Set<Asked>();
  return asked.filter((read) => {
    if (read.verb !== "GET" && read.verb !== "LIST") return false;
    const write = writes.find((one) => !used.has(one) && one.name === read.name && one.atMs >= read.atMs && one.atMs - read.atMs < 2_000);
    if (write) used.add(write);
    return !write;
  });
}

it("1,000 repeats of 10 live fingerprints while the relay lives", async (context) => {
  const [api, cache, at] = [await apiServerRequests(), await bench.stateCache(), bench.kubernetes.asked().length];
  const [ofWebhooks, ofDrain] = [bench.redis.ofWebhooks(), bench.redis.ofDrain()];
  const answers = await sendEvenly(1_000, 50, (index) => bench.fire(podAt(index)));
  await pause(DRAINED_MS);
  expect(new Set(answers.map(({ result }) => `${result?.outcome} ${result?.rung}`))).toEqual(new Set(["duplicate relay"]));
  // Read before the counters are, which are another script.
  const [toDecide, toDrain] = [bench.redis.ofWebhooks() - ofWebhooks, bench.redis.ofDrain() - ofDrain];
  const [apiAfter, cacheAfter] = [await apiServerRequests(), await bench.stateCache()];
  const asked = bench.kubernetes.asked().slice(at);
  expect(asked.length - timesOf(asked, "WATCH").flat().length).toBe(grown(api, apiAfter, "GET", "LIST", "POST", "PATCH", "DELETE"));
  expect(timesOf(asked, "PATCH")).toHaveLength(PODS.length);
  const hits = cacheAfter.hits - cache.hits;
  const took = answers.map(({ tookMs }) => tookMs);
  report(context, [
    { name: "relay-alive-reads", value: grown(api, apiAfter, "GET", "LIST"), unit: "requests", bar: { atMost: 0 } },
    { name: "relay-alive-status-writes", value: grown(api, apiAfter, "PATCH"), unit: "requests" },
    {
      name: "relay-alive-status-writes-per-object-5s",
      value: Math.max(...timesOf(asked, "PATCH").map((times) => mostWithin(times, 5_000))),
      unit: "requests",
      bar: { atMost: 1 },
    },
    { name: "relay-alive-redis-requests-per-webhook", value: toDecide / answers.length, unit: "requests", bar: { atMost: 1 } },
    { name: "relay-alive-redis-requests-of-drain", value: toDrain, unit: "requests" },
    {
      name: "relay-alive-state-cache-hits",
      value: (100 * hits) / (hits + cacheAfter.misses - cache.misses),
      unit: "%",
      bar: { atLeast: 97 },
    },
    { name: "duplicate-answer-p50", value: percentile(took, 0.5), unit: "ms" },
    { name: "duplicate-answer-p95", value: percentile(took, 0.95), unit: "ms", bar: { atMost: 50 } },
  ]);
});

it("repeats of the same after the relay has died", async (context) => {
  const { proxy } = bench.installation;
  await proxy.stop("SIGKILL");
  await proxy.start({ UPSTASH_REDIS_REST_URL: "", UPSTASH_REDIS_REST_TOKEN: "" });
  await pause(46_000); // its last heartbeat vouches for 45 s
  const [cache, at] = [await bench.stateCache(), bench.kubernetes.asked().length];
  const answers = await sendEvenly(1_300, 20, (index) => bench.fire(podAt(index)));
  expect(new Set(answers.map(({ result }) => result?.outcome))).toEqual(new Set(["duplicate"]));
  const cacheAfter = await bench.stateCache();
  const asked = bench.kubernetes.asked().slice(at);
  const reads = readsToDecide(asked);
  const hits = cacheAfter.hits - cache.hits;
  report(context, [
    {
      name: "relay-dead-reads-to-decide-per-fingerprint-30s",
      value: Math.max(0, ...timesOf(reads, "GET").map((times) => mostWithin(times, 30_000))),
      unit: "requests",
      bar: { atMost: 1 },
    },
    { name: "relay-dead-reads-before-status-writes", value: timesOf(asked, "GET").flat().length - reads.length, unit: "requests" },
    {
      name: "relay-dead-state-cache-hits",
      value: (100 * hits) / (hits + cacheAfter.misses - cache.misses),
      unit: "%",
      bar: { atLeast: 97 },
    },
  ]);
});
