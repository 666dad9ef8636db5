import { expect, it } from "vitest";
import { type Client, EVENTS, PROMETHEUS } from "../client.ts";
import { REFUSED_BODIES } from "../malformed.ts";
import { alertIn, MARKER, webhook } from "../payloads.ts";
import { chunked, postHead, rawRequest } from "../raw-http.ts";

const MIB = 1024 * 1024;

/** Bodies that are refused as a whole, and strange ones that are not. */
export function bodyCases(client: () => Client): void {
  const post = (payload: unknown, headers?: Record<string, string>) => client().post(PROMETHEUS, payload, headers);
  const mine = (labels?: Record<string, string>, over?: object) => alertIn(client().target.namespace, labels, over);
  const raw = async (parts: Iterable<string | Uint8Array>) =>
    client().check("POST", PROMETHEUS, await rawRequest(client().target.url, parts));
  const head = (...more: readonly string[]) => postHead(PROMETHEUS, client().target.sourceToken, ...more);

  it.each(REFUSED_BODIES)("refuses $name with $status", async ({ body, status, code }) => {
    for (const path of [PROMETHEUS, EVENTS]) {
      const { target } = client();
      const headers = { "content-type": "application/json" };
      const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
      const answer = await client().send(path, { method: "POST", token: target.sourceToken, headers, body: bytes });
      expect([answer.status, answer.json]).toEqual([status, expect.objectContaining({ code })]);
    }
  });

  it("tells the sender of a foreign shape what was expected", async () => {
    expect(await post({ text: `*${MARKER}*`, attachments: [] })).toMatchObject({
      status: 422,
      json: { detail: expect.stringMatching(/"alerts".*"labels".*"startsAt"/) },
    });
  });

  it.each([
    "text/plain",
    "application/x-www-form-urlencoded",
    "application/jsonp",
    "application/json, text/plain",
    "application/xml",
    "application/x-ndjson",
    "",
  ])("refuses the content type %j with 415", async (type) => {
    const body = new TextEncoder().encode(JSON.stringify(webhook([mine()])));
    const { sourceToken: token } = client().target;
    const answer = await client().send(PROMETHEUS, { method: "POST", token, body, headers: { "content-type": type } });
    expect([answer.status, answer.json]).toMatchObject([415, { code: "content-type-unsupported" }]);
  });

  it("refuses a body without a content type with 415", async () => {
    const body = JSON.stringify(webhook([mine()]));
    const answer = await raw([head(`Content-Length: ${body.length}`).replace("Content-Type: application/json\r\n", ""), body]);
    expect(answer.status).toBe(415);
  });

  it("takes a chunked body of untold length", async () => {
    const body = JSON.stringify(webhook([mine({ note: "ü€😀".repeat(50) })]));
    expect(await raw([head("Transfer-Encoding: chunked"), ...chunked(body, 7)])).toMatchObject({
      status: 201,
      results: [{ outcome: "created" }],
    });
  });

  const bodyOf = (bytes: number) => JSON.stringify(webhook([mine({}, { annotations: { summary: "x".repeat(bytes) } })]));
  const tooLarge = () => bodyOf(client().target.limits.bodyBytes);

  it("refuses what is larger than it takes with 413 by its told length", async () => {
    const body = tooLarge();
    const answer = await raw([head(`Content-Length: ${body.length}`), body]);
    expect([answer.status, answer.json]).toMatchObject([413, { code: "body-too-large" }]);
  });

  it("refuses the same of untold length with 413", async () => {
    const answer = await raw([head("Transfer-Encoding: chunked"), ...chunked(tooLarge())]);
    expect([answer.status, answer.json]).toMatchObject([413, { code: "body-too-large" }]);
  });

  it("takes what is a little smaller", async () => {
    expect((await post(bodyOf(client().target.limits.bodyBytes - MIB))).status).toBe(201);
  });

  it("refuses one alert more than it takes with 413, which tells of max_alerts, and judges none of them", async () => {
    const alert = mine();
    const answer = await post(webhook(Array.from({ length: client().target.limits.alerts + 1 }, () => alert)));
    const detail = expect.stringContaining("max_alerts");
    expect([answer.status, answer.json]).toMatchObject([413, { code: "alerts-too-many", detail }]);
    expect((await client().post(`${PROMETHEUS}?dryRun=true`, webhook([alert]))).results).toMatchObject([
      { outcome: "accepted", reason: "new" },
    ]);
  });

  it.each([PROMETHEUS, EVENTS])("refuses 200,000 numbers in place of alerts with 413 on %s, whatever array they stand in", async (path) => {
    const numbers = `[${"1,".repeat(199_999)}1]`;
    for (const text of [`{"alerts":${numbers}}`, numbers, `{"kind":"List","items":${numbers}}`]) {
      const answer = await client().post(path, text);
      expect([answer.status, answer.json]).toMatchObject([413, { code: "alerts-too-many" }]);
    }
  });

  it("counts what it refused by source and reason, where it can be scraped, and says in the log what helps", async () => {
    const { limits, output } = client().target;
    const { text } = await client().read("/metrics");
    if (limits.alerts > 10_000) expect(text).toMatch(/^gateway_payloads_refused_total\{source="\w+",reason="alerts-too-many"\} [1-9]/m);
    expect(output()).toMatch(/"payload-refused".*max_alerts/);
  });

  it("skips a byte order mark", async () => {
    expect((await post(`\uFEFF${JSON.stringify(webhook([mine()]))}`)).status).toBe(201);
  });

  it("bears numbers beyond all bounds", async () => {
    const numbers = '"truncatedAlerts":1e400,"orgId":-1e999,"big":123456789012345678901234567890';
    const text = JSON.stringify(webhook([mine({}, { value: 1.7976931348623157e308 })])).replace('"version"', `${numbers},"version"`);
    expect(await post(text)).toMatchObject({ status: 201, results: [{ outcome: "created" }] });
  });

  it("takes a body of 64 levels and refuses one of 65", async () => {
    const nested = (levels: number) => `${"[".repeat(levels)}${"]".repeat(levels)}`;
    const text = (levels: number) => JSON.stringify(webhook([mine()])).replace('"version"', `"deep":${nested(levels - 1)},"version"`);
    expect((await post(text(64))).status).toBe(201);
    expect(await post(text(65))).toMatchObject({ status: 400, json: { code: "too-deep" } });
  });
}
