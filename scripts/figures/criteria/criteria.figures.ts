import { afterAll, beforeAll, it } from "vitest";
import { startWatchedRedis, type WatchedRedis } from "../../../test/support/sentinel.ts";
import { pause } from "../bench.ts";
import { report } from "../figure.ts";
import { tell } from "../progress.ts";
import { PACE } from "./cluster-life.ts";
import { live, openProduction, type Production } from "./production.ts";
import { criteria } from "./rates.ts";

// Ten minutes as in production: storms of 2 to 100 alerts, lone ones, repeats at their sender's pace, events, resolves, requests that end while their
// alerts go on. Redis fails over once, and the API server throttles for 20 s. Every success criterion of the requirements, summed over all of it.

const STRETCH = { runMs: 600_000, lastMs: 90_000, pace: PACE };
const FAILOVER_AT_MS = 240_000;
const THROTTLED = { fromMs: 420_000, forMs: 20_000 };

let redis: WatchedRedis;
let production: Production;

beforeAll(async () => {
  redis = await startWatchedRedis();
  production = await openProduction({ bridge: redis.bridge });
});
afterAll(async () => {
  await production?.stop();
  await redis?.stop();
});

it("ten minutes as in production", { timeout: 900_000 }, async (context) => {
  const happen = async () => {
    await pause(FAILOVER_AT_MS);
    await redis.replicated();
    await redis.killMaster();
    tell("criteria: the master of Redis is gone");
    await pause(THROTTLED.fromMs - FAILOVER_AT_MS);
    production.kubernetes.throttle();
    await pause(THROTTLED.forMs);
    production.kubernetes.open();
    tell("criteria: the API server has throttled");
  };
  const [seen] = await Promise.all([live(production, STRETCH), happen()]);
  report(context, [{ name: "criteria-alerts", value: seen.decisions.length, unit: "alerts" }, ...criteria(seen)]);
});
