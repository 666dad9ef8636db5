import { expect, it } from "vitest";
import { type Client, PROMETHEUS } from "../client.ts";
import { alertIn, fingerprintOf, fresh, webhook } from "../payloads.ts";

/** What makes two POSTs one delivery, and what a dry run leaves alone. */
export function deliveryCases(client: () => Client): void {
  const post = (payload: unknown, headers?: Record<string, string>) => client().post(PROMETHEUS, payload, headers);
  const dry = (payload: unknown, query = "dryRun=true") => client().post(`${PROMETHEUS}?${query}`, payload);
  const mine = () => alertIn(client().target.namespace);

  it("answers a delivery of the same group again with its stored results and status", async () => {
    const payload = webhook([mine(), { ...mine(), labels: {} }, mine()], { groupKey: `{}:{${fresh()}}` });
    const first = await post(payload);
    const again = await post(payload);
    expect(first.status).toBe(201);
    expect([again.status, again.results]).toEqual([first.status, first.results]);
  });

  it("recognises a delivery also when another replica of Alertmanager sends it", async () => {
    const payload = webhook([mine(), mine()], { groupKey: `{}:{${fresh()}}` });
    const first = await post(payload);
    const again = await post({ ...payload, externalURL: "http://other.example.com", alerts: [...payload.alerts].reverse() });
    expect([again.status, again.results]).toEqual([first.status, [...first.results].reverse()]);
  });

  it("decides a delivery anew whose alert was resolved since: it fires again, and its request shows no resolve", async () => {
    const { target } = client();
    const groupKey = `{}:{${fresh()}}`;
    const firing = mine();
    const sent = await post(webhook([firing], { groupKey }));
    const request = sent.results[0]?.remediationRequest ?? null;
    await post(webhook([{ ...firing, status: "resolved" }], { groupKey }));
    expect(await post(webhook([firing], { groupKey }))).toMatchObject({
      ...{ status: 202, results: [{ outcome: "duplicate", reason: "request-live", remediationRequest: request }] },
    });
    await target.settle();
    const shown = async () => (await target.requests(target.namespace)).filter(({ metadata }) => metadata.name === request?.name);
    await expect.poll(shown, { timeout: 15_000 }).toHaveLength(1);
    expect((await shown())[0]?.status?.deduplication?.resolvedAt).toBeUndefined();
  });

  it("counts a group's next notification, in which another alert fires too", async () => {
    const groupKey = `{}:{${fresh()}}`;
    const [a, b] = [mine(), mine()];
    await post(webhook([a], { groupKey }));
    expect((await post(webhook([a, b], { groupKey }))).results).toMatchObject([
      { outcome: "duplicate", occurrenceCount: 2 },
      { outcome: "created", occurrenceCount: 1 },
    ]);
  });

  it("counts an empty groupKey as none", async () => {
    const payload = webhook([mine()], { groupKey: "" });
    expect([(await post(payload)).status, (await post(payload)).status]).toEqual([201, 202]);
  });

  it("takes POSTs with the same Idempotency-Key as one delivery, with others as others", async () => {
    const payload = webhook([mine()]);
    const key = fresh();
    const first = await post(payload, { "idempotency-key": key });
    const again = await post(payload, { "idempotency-key": key });
    expect([again.status, again.results]).toEqual([201, first.results]);
    expect(await post(payload, { "idempotency-key": fresh() })).toMatchObject({ status: 202, results: [{ occurrenceCount: 2 }] });
  });

  it("lets the Idempotency-Key win over the groupKey", async () => {
    const payload = webhook([mine()], { groupKey: `{}:{${fresh()}}` });
    await post(payload, { "idempotency-key": fresh() });
    expect(await post(payload, { "idempotency-key": fresh() })).toMatchObject({ status: 202, results: [{ occurrenceCount: 2 }] });
  });

  it("refuses another body under an Idempotency-Key with 422, takes nothing of it, and answers the first one as before", async () => {
    const headers = { "idempotency-key": fresh() };
    const [payload, other] = [webhook([mine()]), webhook([mine()])];
    const first = await post(payload, headers);
    expect(await post(other, headers)).toMatchObject({ status: 422, json: { code: "idempotency-key-reused" } });
    expect(await post({ ...payload, alerts: [] }, headers)).toMatchObject({ status: 422, json: { code: "idempotency-key-reused" } });
    expect((await post(payload, headers)).results).toEqual(first.results);
    expect(await post(other, { "idempotency-key": fresh() })).toMatchObject({ status: 201, results: [{ occurrenceCount: 1 }] });
  });

  it.each([["a".repeat(256)], ["two words"], [""]])("refuses the Idempotency-Key %j with 400", async (key) => {
    expect(await post(webhook([mine()]), { "idempotency-key": key })).toMatchObject({
      status: 400,
      json: { code: "idempotency-key-invalid" },
    });
  });

  it("says of a dry run what would become of each alert and writes nothing", async () => {
    const { target } = client();
    const [known, unknown] = [mine(), mine()];
    await post(webhook([known]));
    const bad = { ...mine(), status: "unheard-of" };
    // Counts of earlier cases may still be on their way to their objects.
    const written = async () => [
      (await target.requests(target.namespace)).map(({ metadata }) => metadata.name),
      (await client().administer("/api/v1/admin/dead-letters?limit=1")).json,
    ];
    const before = await written();
    const answer = await dry(webhook([known, unknown, bad]));
    expect(answer.status).toBe(200);
    expect(answer.results).toMatchObject([
      { fingerprint: fingerprintOf(known), outcome: "duplicate", occurrenceCount: 2 },
      { fingerprint: fingerprintOf(unknown), outcome: "accepted", remediationRequest: null },
      { outcome: "quarantined", reason: "status-invalid" },
    ]);
    expect((await dry(webhook([known, unknown, bad]))).results).toEqual(answer.results);
    expect(await written()).toEqual(before);
    expect(await post(webhook([unknown]))).toMatchObject({ status: 201, results: [{ outcome: "created", occurrenceCount: 1 }] });
  });

  it("takes dryRun=false as none", async () => {
    expect((await dry(webhook([mine()]), "dryRun=false")).status).toBe(201);
  });

  it.each(["dryRun=1", "dryRun=", "dryRun", "dryRun=TRUE", "dryRun=yes", "dryRun=false&dryRun=true", "dryRun=true&dryRun=true"])(
    "refuses ?%s with 400 and writes nothing",
    async (query) => {
      const alert = mine();
      expect(await dry(webhook([alert]), query)).toMatchObject({ status: 400, json: { code: "query-invalid" } });
      expect((await dry(webhook([alert]))).results).toMatchObject([{ outcome: "accepted", reason: "new" }]);
    },
  );
}
