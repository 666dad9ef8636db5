import { afterAll, beforeAll, it } from "vitest";
import { createRedisLedger } from "../../../src/adapters/redis/ledger.ts";
import { openRestClient } from "../../../src/adapters/redis/rest-client.ts";
import { systemClock } from "../../../src/adapters/system/clock.ts";
import { type Installation, READ_TOKEN, startInstallation } from "../../../test/support/installation.ts";
import { call, RULES } from "../../../test/support/ledger-builders.ts";
import { type OwnRedis, startOwnRedis } from "../../../test/support/own-redis.ts";
import { samplesOf } from "../../../test/support/read-metrics.ts";
import { stormy } from "../../../test/support/storm-builders.ts";
import { percentile, report } from "../figure.ts";

const [WINDOWS, NAMESPACES, SCRAPES] = [10_000, 1_000, 50];

let own: OwnRedis;
let installation: Installation;
beforeAll(async () => {
  own = await startOwnRedis();
  installation = await startInstallation({ bridge: own.bridge });
  await fill(installation.cluster);
});
afterAll(async () => {
  await installation?.stop();
  await own?.stop();
});

/** A window each, and so many alerts' requests that are owed beside them. */
async function fill(cluster: string): Promise<void> {
  const client = openRestClient({ ...own.bridge, engine: "redis", timeoutMs: 20_000, waitReplicas: 0 }, true);
  const bufferedMax = { perNamespace: WINDOWS, total: 2 * WINDOWS };
  const ledger = createRedisLedger(client, { cluster, rules: { ...RULES, bufferedMax }, clock: systemClock });
  for (let from = 0; from < WINDOWS; from += 500) {
    const alerts = Array.from({ length: 500 }, (_, at) => {
      const group = (from + at).toString(16).padStart(64, "0");
      return stormy(`w${from + at}`, { group, namespace: `n${(from + at) % NAMESPACES}` });
    });
    await ledger.admit(call(alerts));
  }
}

async function scrape() {
  const startedMs = performance.now();
  const headers = { authorization: `Bearer ${READ_TOKEN}` };
  const page = await (await fetch(new URL("/metrics", installation.gateway.url), { headers })).text();
  return { ms: performance.now() - startedMs, page };
}

/** Commands that Redis has run, those inside scripts included, and those of the drain meanwhile. */
async function commandsRun(): Promise<number> {
  const told = (await own.redis.info("commandstats")).matchAll(/^cmdstat_(\S+?):calls=(\d+)/gm);
  return [...told].reduce((sum, [, name, calls]) => (/^(info|config|ping|hello|client)/.test(name ?? "") ? sum : sum + Number(calls)), 0);
}

it("a scrape beside 10,000 windows of 1,000 namespaces", async (context) => {
  await scrape();
  const before = await commandsRun();
  const scrapes = [];
  for (let nth = 0; nth < SCRAPES; nth += 1) scrapes.push(await scrape());
  const commands = (await commandsRun()) - before;
  const times = scrapes.map(({ ms }) => ms);
  report(context, [
    { name: "scrape-p50", value: percentile(times, 0.5), unit: "ms" },
    { name: "scrape-p95", value: percentile(times, 0.95), unit: "ms", bar: { atMost: 50 } },
    { name: "scrape-series", value: samplesOf(scrapes[0]?.page ?? "").length, unit: "series", bar: { atMost: 2_000 } },
    { name: "scrape-redis-commands", value: commands / SCRAPES, unit: "commands" },
  ]);
});
