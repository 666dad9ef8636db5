import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Client, openClient, PROMETHEUS, RECEIPTS, WINDOWS } from "./client.ts";
import { alertIn, fingerprintOf, fresh, webhook } from "./payloads.ts";
import { openProcess } from "./process-target.ts";

interface WindowJson {
  readonly id: string;
  readonly alertname: string;
  readonly state: string;
}

describe("storms on Bun, in one process", { timeout: 20_000 }, () => {
  let client: Client;
  beforeAll(async () => {
    const rule = { match: { alertname: "urgent*" }, bypass: true };
    const env = {
      ENABLE_STORM_BUFFERING: "true",
      STORM_FIRST_REQUEST_SECONDS: "600",
      STORM_THRESHOLD: "3",
      STORM_RULE_URGENT: JSON.stringify(rule),
    };
    client = await openClient(await openProcess("bun", "credentials", env));
  }, 60_000);
  afterAll(() => client?.target.stop());

  /** Alerts of a group that no other test has. */
  const crowd = (size: number, name = fresh()) => Array.from({ length: size }, () => alertIn("shop", { alertname: name }));
  const post = (...alerts: readonly unknown[]) => client.post(PROMETHEUS, webhook(alerts));
  const dry = async (alert: unknown) => (await client.post(`${PROMETHEUS}?dryRun=true`, webhook([alert]))).results[0];
  const windowOf = async (name: string | undefined) =>
    ((await client.administer(WINDOWS)).json as { windows: WindowJson[] }).windows.find(({ alertname }) => alertname === name);

  it("are told of before they happen, step by step, by a dry run that changes nothing", async () => {
    const [a, b, c, d] = crowd(4);
    expect(await dry(a)).toMatchObject({ outcome: "buffered", reason: "window-opened", stormRule: null });
    await post(a);
    expect(await dry(a)).toMatchObject({ outcome: "buffered", reason: "waits-in-window", occurrenceCount: 2 });
    expect(await dry(b)).toMatchObject({ outcome: "buffered", reason: "window-joined" });
    await post(b);
    for (let time = 0; time < 2; time += 1)
      expect(await dry(c)).toMatchObject({ outcome: "aggregated", reason: "threshold-reached", remediationRequest: null });
    const reached = await post(c);
    expect([reached.status, reached.results]).toMatchObject([201, [{ outcome: "aggregated", reason: "threshold-reached" }]]);
    expect(await dry(d)).toMatchObject({ outcome: "appended", reason: "storm-joined", remediationRequest: { namespace: "shop" } });
    const joined = await post(d);
    expect([joined.status, joined.results]).toMatchObject([202, [{ outcome: "appended", reason: "storm-joined" }]]);
    expect(await windowOf(a?.labels.alertname)).toMatchObject({ state: "live", members: 4, threshold: 3, namespace: "shop" });
  });

  it("let a rule's alerts pass at once", async () => {
    const [alert] = crowd(1, `urgent-${fresh()}`);
    expect(await dry(alert)).toMatchObject({ outcome: "accepted", stormRule: "urgent" });
    const answer = await post(alert);
    expect([answer.status, answer.results]).toMatchObject([201, [{ outcome: "created", reason: "new" }]]);
  });

  it("show who waits, and let an administrator end the wait", async () => {
    const alerts = crowd(2);
    const [first] = alerts;
    expect((await post(...alerts)).status).toBe(202);
    const window = await windowOf(first?.labels.alertname);
    expect(window).toMatchObject({ state: "buffering", members: 2, occurrenceCount: 2, remediationRequest: null });
    const page = async (query: string) =>
      ((await client.administer(`${WINDOWS}/${window?.id}${query}`)).json as { members: { seq: number; fingerprint: string }[] }).members;
    expect((await page("")).map(({ fingerprint }) => fingerprint)).toEqual(alerts.map(fingerprintOf));
    expect(await page("?limit=1&after=1")).toMatchObject([{ seq: 2, labels: alerts[1]?.labels }]);
    const receipt = () => client.read(`${RECEIPTS}?fingerprint=${fingerprintOf(first as (typeof alerts)[0])}`);
    expect((await receipt()).json).toMatchObject({ state: "buffered", remediationRequest: null, steps: [{ event: "buffered" }] });
    expect(await client.change(`${WINDOWS}/${window?.id}/flush`)).toMatchObject({ status: 202, json: { id: window?.id, flushed: true } });
    await expect.poll(async () => (await receipt()).json, { timeout: 10_000 }).toMatchObject({ state: "live" });
    const requests = (await client.target.requests("shop")).filter(({ spec }) => spec.signalName === first?.labels.alertname);
    expect(requests).toHaveLength(2);
    expect(await client.change(`${WINDOWS}/${window?.id}/flush`)).toMatchObject({ status: 404, json: { code: "window-unknown" } });
  });
});
