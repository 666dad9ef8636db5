import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { type RequestObject, requestsIn } from "../../../test/support/requests.ts";
import { fire } from "../../../test/support/sender.ts";
import { type Bench, startBench } from "../bench.ts";
import { type Figure, report } from "../figure.ts";
import { apiServerRequests, grown } from "../kubernetes-log.ts";
import { idsIn, isOf, tracedRequest, tracedRequests } from "./became.ts";
import { MANNERS, type Manner, sendStorm } from "./send-storm.ts";

const SIZES = [2, 5, 10, 15, 50, 100, 1_000, 5_000];

/** By default so many different alerts are a storm. */
const THRESHOLD = 5;

/** Of which the costs in Redis are told: there the drain's rounds no longer count for much. */
const PRICED = 1_000;

/** The pods' alerts that tell whether a relay is there pass at once, as they would with storms off. */
const RELAYED = { STORM_RULE_RELAYED: JSON.stringify({ match: { alertname: "KubePodCrashLooping" }, bypass: true }) };

interface Storm {
  readonly size: number;
  readonly manner: Manner;
  readonly startedMs: number;
  readonly sentMs: number;
  readonly fingerprints: readonly string[];
  /** Asked of Redis meanwhile, by webhooks and drain. */
  readonly redis: { readonly requests: number; readonly ofWebhooks: number; readonly commands: number };
}

/** What a storm came to, by receipts and objects. */
interface Account {
  readonly storm: Storm;
  readonly requests: readonly string[];
  readonly aggregated: number;
  readonly accounted: number;
}

let bench: Bench;
let loneMs: Promise<number>;
let accounts: readonly Account[];
const redisNow = () => {
  const [ofWebhooks, commands] = [bench.redis.ofWebhooks(), bench.redis.commands()];
  return { requests: ofWebhooks + bench.redis.ofDrain(), ofWebhooks, commands };
};

/** From the sending of an alert that stays alone until its receipt names a request. */
async function measureLone(): Promise<number> {
  const startedMs = performance.now();
  const { result } = await fire(bench.installation, { namespace: bench.namespace, alertname: "Lone" });
  const isMade = async () => (await tracedRequest(bench.installation, result?.fingerprint ?? "")) !== null;
  await vi.waitUntil(isMade, { timeout: 90_000, interval: 100 });
  return performance.now() - startedMs;
}

async function send(size: number, manner: Manner): Promise<Storm> {
  const [startedMs, before] = [performance.now(), redisNow()];
  const results = await sendStorm(bench.installation, bench.namespace, size, manner);
  const [sentMs, after] = [performance.now() - startedMs, redisNow()];
  const redis = {
    requests: after.requests - before.requests,
    ofWebhooks: after.ofWebhooks - before.ofWebhooks,
    commands: after.commands - before.commands,
  };
  return { size, manner, startedMs, sentMs, fingerprints: results.map(({ fingerprint }) => fingerprint), redis };
}

async function account(storm: Storm, objects: ReadonlyMap<string, Held>): Promise<Account> {
  const traced = await tracedRequests(bench.installation, storm.fingerprints);
  const held = traced.map((name, at) => {
    const found = objects.get(name ?? "");
    return found && isOf(found.object, found.ids, storm.fingerprints[at] as string) ? found : undefined;
  });
  return {
    storm,
    requests: [...new Set(held.flatMap((found) => found?.object.metadata.name ?? []))],
    aggregated: held.filter((found) => found?.object.spec.isStorm === true).length,
    accounted: held.filter((found) => found !== undefined).length,
  };
}

interface Held {
  readonly object: RequestObject;
  readonly ids: ReadonlySet<string>;
}

const WRITES = ["POST", "PATCH", "DELETE"] as const;
const writes = () => bench.kubernetes.asked().filter(({ verb }) => WRITES.some((write) => write === verb));

/** When an object was written to, in the order of the writes. */
const writesOf = (name: string | undefined): readonly number[] => writes().flatMap((asked) => (asked.name === name ? [asked.atMs] : []));

/** Until nothing is owed to Kubernetes: a write that is under way is counted by the front, and not yet by the API server. */
const atRest = () => vi.waitUntil(async () => (await bench.owed()) === 0, { timeout: 60_000, interval: 200 });

beforeAll(async () => {
  bench = await startBench({ gateway: { ENABLE_STORM_BUFFERING: "true", ...RELAYED } });
});
afterAll(() => bench?.stop());

it("storms of every size, however their alerts come, by default settings", async (context) => {
  await atRest();
  const [api, before] = [await apiServerRequests(), writes().length];
  loneMs = measureLone();
  const storms: Storm[] = [];
  for (const [manner, { most }] of Object.entries(MANNERS) as [Manner, (typeof MANNERS)[Manner]][])
    for (const size of SIZES) if (size <= most) storms.push(await send(size, manner));
  await loneMs;
  // Of a storm below the threshold the requests come last; then every count that is owed is written.
  const fingerprints = storms.filter(({ size }) => size < THRESHOLD).flatMap(({ fingerprints: all }) => all);
  const areMade = async () => !(await tracedRequests(bench.installation, fingerprints)).includes(null);
  await vi.waitUntil(areMade, { timeout: 90_000, interval: 500 });
  await atRest();
  expect(writes().length - before).toBe(grown(api, await apiServerRequests(), ...WRITES));
  const objects = new Map((await requestsIn(bench.namespace)).map((object) => [object.metadata.name, { object, ids: idsIn(object) }]));
  accounts = [];
  for (const storm of storms) accounts = [...accounts, await account(storm, objects)];
  report(context, SIZES.flatMap(figuresOf));
});

/** Of each figure the worst of the manners. */
function figuresOf(size: number): Figure[] {
  const own = accounts.filter(({ storm }) => storm.size === size);
  const isStorm = size >= THRESHOLD;
  const most = (of: (account: Account) => number) => Math.max(...own.map(of));
  const least = (of: (account: Account) => number) => Math.min(...own.map(of));
  const name = (what: string) => `storm-of-${size}-${what}`;
  const requests = most(({ requests: all }) => all.length);
  const writes = most(({ requests: all }) => all.reduce((sum, request) => sum + writesOf(request).length, 0));
  const aggregated = (100 * least((account) => account.aggregated)) / size;
  const accounted = (100 * least((account) => account.accounted)) / size;
  return [
    { name: name("requests"), value: requests, unit: "requests", bar: { atMost: isStorm ? 1 : size } },
    { name: name("cost-reduction"), value: 100 * (1 - requests / size), unit: "%", ...(size >= 10 && { bar: { atLeast: 90 } }) },
    ...(isStorm ? [{ name: name("aggregated"), value: aggregated, unit: "%", bar: { atLeast: 95 } }] : []),
    { name: name("accounted-for"), value: accounted, unit: "%", bar: { atLeast: 100 } },
    { name: name("kubernetes-writes"), value: writes, unit: "requests", ...(size === 15 && { bar: { atMost: 3 } }) },
  ];
}

it("what a storm costs in Redis, and how long a large one takes", async (context) => {
  const priced = accounts.filter(({ storm }) => storm.size === PRICED);
  const large = accounts.filter(({ storm }) => storm.size === Math.max(...SIZES));
  report(context, [
    ...priced.flatMap(({ storm: { manner, redis } }): Figure[] => {
      const webhooks = PRICED / MANNERS[manner].inWebhook;
      return [
        { name: `${manner}-redis-requests-per-webhook`, value: redis.ofWebhooks / webhooks, unit: "requests", bar: { atMost: 1.2 } },
        { name: `${manner}-redis-requests-per-alert`, value: redis.requests / PRICED, unit: "requests" },
        { name: `${manner}-redis-commands-per-alert`, value: redis.commands / PRICED, unit: "commands" },
      ];
    }),
    ...large.flatMap(({ storm: { manner, size, startedMs, sentMs }, requests: [name] }): Figure[] => {
      const writes = writesOf(name);
      return [
        { name: `storm-of-${size}-${manner}-sent`, value: sentMs / 1_000, unit: "s" },
        { name: `storm-of-${size}-${manner}-to-request`, value: ((writes[0] ?? Number.NaN) - startedMs) / 1_000, unit: "s" },
        { name: `storm-of-${size}-${manner}-to-all-listed`, value: ((writes.at(-1) ?? Number.NaN) - startedMs) / 1_000, unit: "s" },
      ];
    }),
    { name: "lone-alert-to-request", value: (await loneMs) / 1_000, unit: "s", bar: { atMost: 50 } },
  ]);
});
