import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { sendAll } from "../support/faults/load.ts";
import { type Installation, startInstallation } from "../support/installation.ts";
import { type KubernetesFront, openKubernetesFront } from "../support/kubernetes-front.ts";
import { freshNamespace } from "../support/real-parts.ts";
import { countsIn, requestsIn } from "../support/requests.ts";
import { type AlertResult, alertOf, fire } from "../support/sender.ts";

/** Waits are short, so that what hangs is soon known to hang; a state is asked for each time. */
const FALLBACK_MS = 4_000;
/** Storms are on, as the lowest setting of all gateways counts; but where one is told otherwise, each alert passes at once. */
const STORMS = { ENABLE_STORM_BUFFERING: "true", STORM_RULE_ALL: '{"match":{"alertname":"*"},"bypass":true}' };
const SETTINGS = {
  ...STORMS,
  CRD_PROXY_TIMEOUT_MS: "1000",
  DEDUP_STATE_TTL_SECONDS: "0",
  DEDUP_FALLBACK_TTL_SECONDS: `${FALLBACK_MS / 1000}`,
};

let front: KubernetesFront;
let installation: Installation;
let namespace: string;

beforeAll(async () => {
  front = await openKubernetesFront();
  installation = await startInstallation({ kubernetesUrl: front.url, gateway: SETTINGS });
});
afterAll(async () => {
  await installation?.stop();
  await front?.close();
});
beforeEach(async () => {
  front.open();
  namespace = await freshNamespace();
});

const alert = (pod = "checkout-1") => fire(installation, { namespace, pod });
const counted = (counts: readonly number[]) => expect.poll(() => countsIn(namespace), { timeout: 20_000 }).toEqual(counts);

/** The request of this namespace's first alert, and when it was asked for. */
async function makeRequest(): Promise<{ readonly askedMs: number }> {
  const askedMs = performance.now();
  await alert();
  await counted([1]);
  return { askedMs };
}

async function expectAccepted(): Promise<void> {
  const answer = await alert();
  expect(answer).toMatchObject({
    status: 202,
    result: { outcome: "accepted", remediationRequest: null, occurrenceCount: 1, reason: "new" },
  });
  expect(answer.tookMs).toBeLessThan(3_000);
  expect(await alert()).toMatchObject({ status: 202, result: { outcome: "duplicate", remediationRequest: null, occurrenceCount: 2 } });
  expect(await requestsIn(namespace)).toEqual([]);
}

describe("an alert is accepted within 3 s, and its one request follows with every repeat counted,", () => {
  it("while the proxy is down", async () => {
    await installation.proxy.stop("SIGKILL");
    await expectAccepted();
    await installation.proxy.start();
    await counted([2]);
  });

  it.each(["hold", "cut"] as const)("while the API server is out of reach (%s)", async (how) => {
    front[how]();
    await expectAccepted();
    front.open();
    await counted([2]);
  });
});

it("an alert is accepted within 3 s also where the proxy would be given more time", async () => {
  const gateway = await installation.addGateway({ CRD_PROXY_TIMEOUT_MS: "6000" });
  front.hold();
  const answer = await fire({ ...installation, gateway }, { namespace });
  expect(answer).toMatchObject({ status: 202, result: { outcome: "accepted" } });
  expect(answer.tookMs).toBeLessThan(3_000);
  front.open();
  await counted([1]);
  await gateway.stop();
});

describe("while Kubernetes cannot be asked", () => {
  it("a repeat is a duplicate for the fallback time after its request and no longer, and nothing is doubled or lost in the end", async () => {
    const { askedMs } = await makeRequest();
    front.cut();
    const results: AlertResult[] = [];
    do results.push((await alert()).result as AlertResult);
    while (results.at(-1)?.outcome === "duplicate" && performance.now() - askedMs < 4 * FALLBACK_MS);
    const passedMs = performance.now() - askedMs;
    expect(results.at(-1)).toMatchObject({ outcome: "accepted", reason: "state-unknown" });
    expect(passedMs).toBeGreaterThan(FALLBACK_MS);
    expect(results.length).toBeGreaterThan(1);
    // Who comes while another looks is answered from what was seen last.
    expect(new Set(results.slice(0, -1).map(({ rung }) => rung))).toEqual(new Set(["time", "cache"]));
    front.open();
    await counted([1 + results.length]);
  });
});

describe("a gateway that is killed right after it answered 2xx", () => {
  it("leaves its open requests to the next one", async () => {
    await installation.proxy.stop("SIGKILL");
    const answers = await Promise.all(["checkout-1", "checkout-2", "checkout-3"].map(alert));
    await installation.gateway.stop("SIGKILL");
    expect(answers.map(({ status, result }) => [status, result?.outcome])).toEqual(answers.map(() => [202, "accepted"]));
    await installation.proxy.start();
    await installation.gateway.start();
    await counted([1, 1, 1]);
  });

  it("leaves what it counted to the next one", async () => {
    await makeRequest();
    const answers = await Promise.all(Array.from({ length: 5 }, () => alert()));
    await installation.gateway.stop("SIGKILL");
    expect(answers.map(({ status, result }) => [status, result?.outcome])).toEqual(answers.map(() => [202, "duplicate"]));
    await installation.gateway.start();
    await counted([6]);
  });
});

describe("a gateway that is told to stop", () => {
  it("answers who is waiting, exits 0 within seconds, and leaves what is open to the next one", async () => {
    await installation.gateway.stop();
    const { exited, output } = await installation.gateway.start();
    front.hold();
    const waiting = alert();
    await expect.poll(() => front.held().filter((line) => line.includes(`/${namespace}/`)), { interval: 10 }).toHaveLength(1);
    const toldMs = performance.now();
    const stopped = installation.gateway.stop("SIGTERM");
    expect(await waiting).toMatchObject({ status: 202, result: { outcome: "accepted" } });
    expect(await exited).toBe(0);
    expect(performance.now() - toldMs).toBeLessThan(4_000);
    await stopped;
    expect(output()).not.toMatch(/"level":"error"/);
    front.open();
    await installation.gateway.start();
    await counted([1]);
  });

  it("loses nothing of a storm that is under way, and the next one goes on at once with what it held", { timeout: 60_000 }, async () => {
    const LEASE_MS = 9_000;
    const storms = { CRD_PROXY_TIMEOUT_MS: `${LEASE_MS - 1_000}`, STORM_RULE_ALL: "", STORM_FIRST_REQUEST_SECONDS: "2" };
    await Promise.all([installation.gateway.stop(), installation.proxy.stop("SIGKILL")]);
    const one = await installation.addGateway(storms);
    const deliveries = Array.from({ length: 40 }, (_, n) => ({
      key: `${namespace}-${n}`,
      alerts: [alertOf({ namespace, alertname: n % 8 === 0 ? `Single${n}` : "Storm", pod: `checkout-${n}` })],
    }));
    const sender = { urls: [one.url], token: installation.sourceToken, atOnce: 4 };
    const before = await sendAll(deliveries.slice(0, 12), sender);
    const during = sendAll(deliveries.slice(12), sender);
    await one.stop("SIGTERM");
    await installation.proxy.start();
    await one.start();
    const startedMs = performance.now();
    const names = async () => (await requestsIn(namespace)).map(({ spec }) => spec.signalName).sort();
    await expect.poll(names, { timeout: LEASE_MS - 3_000, interval: 100 }).toContain("Storm");
    expect(performance.now() - startedMs).toBeLessThan(LEASE_MS - 3_000);
    expect([...before.taken, ...(await during).taken]).toHaveLength(40);
    const singles = ["Single0", "Single16", "Single24", "Single32", "Single8"];
    await expect.poll(names, { timeout: 20_000 }).toEqual([...singles, "Storm"]);
    const membersOf = async () => (await requestsIn(namespace)).find(({ spec }) => spec.isStorm)?.status?.storm?.members?.length;
    await expect.poll(membersOf, { timeout: 20_000 }).toBe(35);
    await one.stop();
    await installation.gateway.start();
  });

  it.each(["gateway", "proxy"] as const)("exits 0 soon with senders still connected (%s)", async (role) => {
    await installation[role].stop();
    const { exited } = await installation[role].start();
    await alert();
    const toldMs = performance.now();
    await installation[role].stop("SIGTERM");
    expect(await exited).toBe(0);
    expect(performance.now() - toldMs).toBeLessThan(2_000);
    await installation[role].start();
  });
});
