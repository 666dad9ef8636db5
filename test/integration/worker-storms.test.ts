import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Front, openFront } from "../support/front.ts";
import { type Installation, startInstallation } from "../support/installation.ts";
import { freshNamespace } from "../support/real-parts.ts";
import { requestsIn } from "../support/requests.ts";
import type { AlertLabels } from "../support/sender.ts";
import { crowd, isStorm, outcomes, postAll, tellingOf, told } from "../support/storms.ts";
import { type RunningWorker, startWorker } from "../support/worker.ts";

/** A Worker as the only gateway, and what it asks of the bridge and of the proxy. */
let installation: Installation;
let fronts: readonly Front[];
let worker: RunningWorker;
let namespace: string;
/** Scripts that Redis did not know yet are sent to it a second time, by their source. */
let asked = { all: 0, again: 0 };

const THRESHOLD = 5;
const WAIT_MS = 1_000;
const LONE = 5_000;

beforeAll(async () => {
  installation = await startInstallation({
    gateway: {
      ENABLE_STORM_BUFFERING: "true",
      STORM_FIRST_REQUEST_SECONDS: `${WAIT_MS / 1_000}`,
      STORM_RULE_PATIENT: JSON.stringify({ match: { alertname: "Patient*" }, firstRequestSeconds: 60 }),
      REDIS_TIMEOUT_MS: "5000",
    },
  });
  await installation.gateway.stop();
  const { ROLE, UPSTASH_REDIS_REST_URL = "", CRD_PROXY_URL = "", ...settings } = installation.gatewaySettings;
  const counting = (url: string) =>
    openFront({
      target: () => url,
      answer({ body }, pass) {
        asked.all += 1;
        if (/^\["eval"/i.test(body)) asked.again += 1;
        return pass();
      },
    });
  fronts = await Promise.all([counting(UPSTASH_REDIS_REST_URL), counting(CRD_PROXY_URL)]);
  const [redis, proxy] = fronts;
  worker = await startWorker({ ...settings, UPSTASH_REDIS_REST_URL: `${redis?.url}`, CRD_PROXY_URL: `${proxy?.url}` });
  namespace = await freshNamespace();
});
afterAll(async () => {
  await worker?.stop();
  await installation?.stop();
  await Promise.all((fronts ?? []).map((front) => front.close()));
});

const send = (alerts: readonly AlertLabels[]) => postAll({ gateway: worker, sourceToken: installation.sourceToken }, alerts);

describe("a run of the Worker's cron trigger", () => {
  it("makes the requests of alerts that waited long enough, and writes what a storm has gathered, within forty requests of its own", async () => {
    const storm = crowd(THRESHOLD + 1, { namespace, alertname: "PatientEdge" });
    expect(outcomes((await send(storm)).results)).toEqual([...Array(THRESHOLD - 1).fill("buffered"), "aggregated", "appended"]);
    // As many groups as one run cannot come to the end of.
    const lone = Array.from({ length: LONE }, (_, at) => ({ namespace, alertname: `Lone${at}` }));
    // What one sending is too short for on a busy machine, the next one finishes.
    let answer = await send(lone);
    for (let repeats = 0; answer.status === 503 && repeats < 3; repeats += 1) answer = await send(lone);
    expect(new Set(outcomes(answer.results))).toEqual(new Set(["buffered"]));
    await sleep(WAIT_MS);
    asked = { all: 0, again: 0 };
    await worker.trigger();
    expect(asked.all - asked.again).toBeGreaterThan(30);
    expect(asked.all - asked.again).toBeLessThanOrEqual(40);
    expect(asked.all).toBeLessThanOrEqual(50);
    const requests = await requestsIn(namespace);
    expect(requests.filter(isStorm).map(told)).toEqual([tellingOf(storm, THRESHOLD + 1)]);
    const made = requests.filter((request) => !isStorm(request));
    expect(made.length).toBeGreaterThanOrEqual(100);
    expect(new Set(made.map(({ metadata }) => metadata.labels["breakwater.dev/buffered"]))).toEqual(new Set(["true"]));
  }, 60_000);
});
