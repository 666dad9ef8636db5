import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Fleet, startFleet } from "../support/fleet.ts";
import { type Installation, startInstallation } from "../support/installation.ts";
import { type OwnRedis, startOwnRedis } from "../support/own-redis.ts";
import { freshNamespace } from "../support/real-parts.ts";
import { countsIn, requestsIn } from "../support/requests.ts";
import type { AlertLabels, Answer } from "../support/sender.ts";

let own: OwnRedis;
let installation: Installation;
let fleet: Fleet;
let namespace: string;

beforeAll(async () => {
  own = await startOwnRedis();
  installation = await startInstallation({ bridge: own.bridge });
  fleet = await startFleet(installation);
});
afterAll(async () => {
  await fleet?.stop();
  await installation?.stop();
  await own?.stop();
});
beforeEach(async () => {
  namespace = await freshNamespace();
});

/** The same alerts `times` over, one of each pod after the other. */
const repeats = (pods: number, times: number): AlertLabels[] =>
  Array.from({ length: pods * times }, (_, at) => ({ namespace, pod: `checkout-${at % pods}` }));
const within = { timeout: 20_000, interval: 250 };
/** `new`: it has a request, or its request follows because the API server took more than two seconds. */
const outcomesOf = (answers: readonly Answer[]) =>
  answers.map(({ status, result }) => `${status} ${result?.outcome}`.replace(/^(201 created|202 accepted)$/, "new")).sort();

describe("gateways on three runtimes that share a Redis", () => {
  it("make one request of 200 equal new alerts at once, and count each of them", async () => {
    const answers = await fleet.fireAll(repeats(1, 200));
    expect(outcomesOf(answers)).toEqual([...Array(199).fill("202 duplicate"), "new"]);
    expect(
      answers
        .map(({ result }) => result?.occurrenceCount)
        .sort((left = 0, right = 0) => left - right)
        .at(-1),
    ).toBe(200);
    await expect.poll(() => countsIn(namespace), within).toEqual([200]);
  });

  it("count 20 repeats of each of 50 alerts exactly, whichever gateway got them", async () => {
    const answers = await fleet.fireAll(repeats(50, 20));
    expect(outcomesOf(answers)).toEqual([...Array(950).fill("202 duplicate"), ...Array(50).fill("new")]);
    await expect.poll(() => countsIn(namespace), within).toEqual(Array(50).fill(20));
  });

  it("make no second request where Redis forgets everything among them, and count exactly what comes afterwards", async () => {
    const many = fleet.fireAll(repeats(50, 12));
    await fleet.fireAll(repeats(50, 1));
    await own.forget();
    const during = [...(await many), ...(await fleet.fireAll(repeats(50, 1)))];
    expect(during.map(({ status }) => status).filter((status) => status >= 300)).toEqual([]);
    await expect.poll(() => own.owed(installation.cluster), within).toBe(0);
    const counted = await countsIn(namespace);
    expect(counted).toHaveLength(50);
    expect(Math.max(...counted)).toBeLessThanOrEqual(14);
    const after = await fleet.fireAll(repeats(50, 5));
    expect(outcomesOf(after)).toEqual(Array(250).fill("202 duplicate"));
    await expect.poll(() => countsIn(namespace), within).toEqual(counted.map((count) => count + 5));
    expect(new Set((await requestsIn(namespace)).map(({ spec }) => spec.signalFingerprint)).size).toBe(50);
  });
});
