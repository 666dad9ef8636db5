import { describe, expect, it } from "vitest";
import { Failure } from "../../../src/domain/failure.ts";
import { createOwnMetrics } from "../../../src/metrics/own-metrics.ts";
import { REFUSALS } from "../../../src/metrics/table.ts";
import { alertIn, webhook } from "../../runtime/payloads.ts";
import { readingOf, samplesOf } from "../../support/read-metrics.ts";
import { openGateway, PROMETHEUS, TOKENS } from "../http/bench.ts";

const DURATION = "gateway_request_duration_seconds";

function openCounting(options: Parameters<typeof openGateway>[0] = {}) {
  const own = createOwnMetrics();
  const bench = openGateway({ ...options, own });
  const read = async () => samplesOf(await (await bench.ask("/metrics", { token: TOKENS.read })).text());
  return { ...bench, read };
}

describe("a gateway's process", () => {
  it("tells how long it took as a histogram: each bound holds all below it, and the last one all", () => {
    const own = createOwnMetrics();
    for (const seconds of [0.05, 0.051, 60]) own.answered({ source: "am", status: 202, refusal: null, seconds });
    const samples = samplesOf(own.text());
    const buckets = ["0.025", "0.05", "0.1", "10", "+Inf"].map((le) => readingOf(samples, `${DURATION}_bucket`, { le }));
    expect([...buckets, readingOf(samples, `${DURATION}_count`)]).toEqual([0, 1, 2, 2, 3, 3]);
    expect(readingOf(samples, `${DURATION}_sum`)).toBeCloseTo(60.101);
  });

  it("counts every payload that was answered, whatever the answer, by its source and status, and nothing else", async () => {
    const { post, ask, read } = openCounting();
    await post(webhook([alertIn("shop")]));
    await post("no json");
    await ask(PROMETHEUS, { method: "POST", token: "of nobody", body: "{}" });
    await ask("/health");
    const samples = await read();
    const answers = samples.filter(({ name }) => name === "gateway_answers_total").map(({ labels, value }) => ({ ...labels, value }));
    expect(answers).toEqual([
      { source: "patient", status: "201", value: 1 },
      { source: "patient", status: "400", value: 1 },
      { source: "unknown", status: "401", value: 1 },
    ]);
    expect(readingOf(samples, `${DURATION}_count`)).toBe(3);
  });

  it("counts every refusal of a payload by the code that its sender reads, which is one of the list", async () => {
    const { post, ask, read, fail } = openCounting();
    await post("no json");
    await post("");
    await post(JSON.stringify({}));
    await ask(`${PROMETHEUS}?dryRun=2`, { method: "POST", token: TOKENS.patient, body: "{}" });
    await ask(PROMETHEUS, { method: "POST", token: TOKENS.patient, body: "{}", headers: { "content-type": "text/plain" } });
    await ask(PROMETHEUS, { method: "POST", token: TOKENS.patient, body: "{}", headers: { "idempotency-key": "é" } });
    await ask(PROMETHEUS, { method: "POST", body: "{}" });
    fail(() => new Failure("ledger-unavailable", "away", "none"));
    await post(webhook([{ ...alertIn("shop"), status: "unheard-of" }]));
    const refused = (await read()).filter(({ name }) => name === "gateway_payloads_refused_total");
    const reasons = refused.map(({ labels }) => labels.reason);
    expect(reasons).toEqual([
      ...["json-invalid", "empty", "payload-unexpected", "query-invalid", "content-type-unsupported", "idempotency-key-invalid"],
      ...["unauthorized", "ledger-unavailable"],
    ]);
    expect(reasons.filter((reason) => !REFUSALS.includes(reason ?? ""))).toEqual([]);
    expect(refused.map(({ value }) => value)).toEqual(reasons.map(() => 1));
  });

  it("counts what it decides without the ledger, and says that it cannot read that, with all that it knows itself", async () => {
    const { post, read, fail } = openCounting();
    expect(readingOf(await read(), "gateway_ledger_up", { cluster: "default" })).toBe(1);
    fail(() => new Failure("ledger-unavailable", "away", "none"));
    await post(webhook([alertIn("shop")]));
    const samples = await read();
    expect(readingOf(samples, "gateway_direct_alerts_total", { cluster: "default", outcome: "created" })).toBe(1);
    expect(readingOf(samples, "gateway_ledger_up", { cluster: "default" })).toBe(0);
    expect(readingOf(samples, "gateway_answers_total", { source: "patient" })).toBe(1);
    expect(readingOf(samples, "gateway_alerts_received_total")).toBeUndefined();
  });

  it("names what is wrong with Redis in a word of a closed list, whichever policy that has", async () => {
    const { read } = openCounting({ checkLedger: async () => ({ word: "maxmemory-policy-allkeys-lru", lasts: true }) });
    expect(readingOf(await read(), "gateway_redis_trouble", { trouble: "maxmemory-policy" })).toBe(1);
  });

  it("tells two scrapers at once the same, and counts no scrape", async () => {
    const { post, read } = openCounting();
    await post(webhook([alertIn("shop")]));
    const [one, other] = await Promise.all([read(), read()]);
    expect(other).toEqual(one);
    expect(await read()).toEqual(one);
  });
});
