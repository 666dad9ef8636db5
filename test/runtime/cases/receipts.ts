import { expect, it } from "vitest";
import { type Client, PROMETHEUS, RECEIPTS } from "../client.ts";
import { alertIn, fingerprintOf, fresh, resolvedOf, sha256, webhook } from "../payloads.ts";

interface ReceiptJson {
  readonly steps: readonly { readonly at: string; readonly event: string; readonly source: string | null }[];
}

/** What became of an alert, step by step. */
export function receiptCases(client: () => Client): void {
  const receipt = (fingerprint: string) => client().read(`${RECEIPTS}?fingerprint=${fingerprint}`);

  it("tells who sent an alert, what it said, what was decided and where its request is", async () => {
    const alert = alertIn(client().target.namespace);
    const fingerprint = fingerprintOf(alert);
    const source = client().target.sourceToken === null ? "local" : "shop";
    const [created] = (await client().post(PROMETHEUS, webhook([alert]))).results;
    await client().post(PROMETHEUS, webhook([alert]));
    await client().post(PROMETHEUS, webhook([resolvedOf(alert)]));
    const answer = await receipt(fingerprint);
    expect([answer.status, answer.json]).toMatchObject([
      200,
      {
        fingerprint,
        state: "live",
        occurrenceCount: 2,
        remediationRequest: created?.remediationRequest,
        alert: { name: alert.labels.alertname, source, severity: "warning", labels: alert.labels, annotations: alert.annotations },
      },
    ]);
    const { steps } = answer.json as ReceiptJson;
    expect(["created", "accepted"]).toContain(steps[0]?.event);
    expect(steps.map(({ event }) => event)).toEqual(expect.arrayContaining(["duplicate", "resolved"]));
    expect(steps.filter((step) => step.source !== null && step.source !== source)).toEqual([]);
    const times = steps.map(({ at }) => Date.parse(at));
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  it("answers 404 for what nobody sent", async () => {
    expect(await receipt(sha256(fresh()))).toMatchObject({ status: 404, json: { code: "receipt-unknown" } });
  });

  it.each(["", "?fingerprint=", "?fingerprint=x", `?fingerprint=${"A".repeat(64)}`, `?fingerprint=${"a".repeat(65)}`, "?fingerprint=%00"])(
    "refuses %j with 400",
    async (query) => {
      expect(await client().read(RECEIPTS + query)).toMatchObject({ status: 400, json: { code: "query-invalid" } });
    },
  );

  it.each(["nowhere", "__proto__", ""])("answers 404 for the cluster %j", async (cluster) => {
    const answer = await client().read(`${RECEIPTS}?fingerprint=${"a".repeat(64)}&cluster=${cluster}`);
    expect([answer.status, answer.json]).toMatchObject([404, { code: "cluster-unknown" }]);
  });
}
