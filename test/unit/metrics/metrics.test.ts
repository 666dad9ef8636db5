import { describe, expect, it } from "vitest";
import { CATALOGUE, type Reading } from "../../../src/metrics/catalogue.ts";
import { exposition } from "../../../src/metrics/exposition.ts";
import { LEDGER_HELPS } from "../../../src/metrics/ledger-helps.ts";
import { COUNTERS, type Counter, SETTLED, type Survey, WAIT_BOUNDS } from "../../../src/ports/ledger.ts";
import { alertIn, resolvedOf, webhook } from "../../runtime/payloads.ts";
import { samplesOf } from "../../support/read-metrics.ts";
import { openGateway, TOKENS } from "../http/bench.ts";

const read = (cluster: string, value: number, survey: Partial<Survey> = {}): Reading => ({
  cluster,
  counters: Object.fromEntries(COUNTERS.map((counter) => [counter, value])) as Record<Counter, number>,
  survey: {
    outcomes: [],
    openIntents: 0,
    oldestIntentMs: null,
    failures: [],
    targets: [],
    deadLetters: { invalid: 0, refused: 0, exhausted: 0 },
    lettersDropped: [],
    deadLetterOldestMs: null,
    buffered: 0,
    bufferFill: 0,
    watchdogSeenMs: null,
    ...{ arms: [], rules: [], votes: [], rolledBack: [], rollbacks: [] },
    shares: { "state-based-dedup": 100, "storm-buffering": 100 },
    heartbeatSeenMs: null,
    waits: { lone: { counts: [], sumMs: 0 }, storm: { counts: [], sumMs: 0 } },
    ...{ owed: 0, owedBefore: 0 },
    settled: Object.fromEntries(SETTLED.map((outcome) => [outcome, 0])) as Survey["settled"],
    open: { window: 0, intent: 0, "dead-letter": 0 },
    ...{ sweepLagMs: 0, intentsOverdueMs: 0, countsPending: 0, countsOverdueMs: 0 },
    ...survey,
  },
});

/** By name and labels, as the page shows them. */
const parse = (text: string): Map<string, number> =>
  new Map(
    samplesOf(text).map(({ name, labels, value }) => {
      const told = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
      return [`${name}{${told.join(",")}}`, value];
    }),
  );

describe("the exposition", () => {
  it("holds every series of every cluster once, its help and type before it", () => {
    const samples = parse(exposition([read("a", 1), read("b", 2 ** 53 - 1, { watchdogSeenMs: 1_500 })], LEDGER_HELPS));
    const [gauges, buckets] = [18, 2 * (WAIT_BOUNDS.length + 3)];
    expect(samples.size).toBe(2 * (COUNTERS.length + gauges + buckets + SETTLED.length + 1) + 1);
    expect(samples.get('gateway_alerts_received_total{cluster="b"}')).toBe(2 ** 53 - 1);
    expect(samples.get('gateway_watchdog_last_seen_seconds{cluster="b"}')).toBe(1.5);
  });

  it("calls what only grows a counter, by its name, and what comes and goes a gauge", () => {
    for (const { name, type } of CATALOGUE) expect(name.endsWith("_total"), name).toBe(type === "counter");
  });

  it("tells outcomes by source and rung, and what waits in seconds", () => {
    const outcomes = [{ source: "am", outcome: "duplicate", rung: "relay", count: 3 }] as const;
    const samples = parse(exposition([read("a", 0, { outcomes, openIntents: 2, oldestIntentMs: 2_500 })], LEDGER_HELPS));
    expect(samples.get('gateway_alert_outcomes_total{cluster="a",source="am",outcome="duplicate",rung="relay"}')).toBe(3);
    const gauges = ["intents_open", "intents_oldest_seconds"];
    expect(gauges.map((name) => samples.get(`gateway_${name}{cluster="a"}`))).toEqual([2, 2.5]);
  });

  it("tells dead letters by kind, the age of the oldest in seconds, those dropped by source, and failures by reason", () => {
    const deadLetters = { invalid: 4, refused: 2, exhausted: 1 };
    const failures = [{ reason: "quota", count: 3 }];
    const lettersDropped = [{ source: "am", count: 7 }];
    const samples = parse(exposition([read("a", 0, { deadLetters, deadLetterOldestMs: 90_500, failures, lettersDropped })], LEDGER_HELPS));
    const kinds = Object.keys(deadLetters).map((kind) => samples.get(`gateway_dead_letters{cluster="a",kind="${kind}"}`));
    expect(kinds).toEqual([4, 2, 1]);
    expect(samples.get('gateway_dead_letters_oldest_seconds{cluster="a"}')).toBe(90.5);
    expect(samples.get('gateway_dead_letters_dropped_total{cluster="a",source="am"}')).toBe(7);
    expect(samples.get('gateway_intent_failures_total{cluster="a",reason="quota"}')).toBe(3);
  });

  it.each([
    [0, 0],
    [0.25, 0],
    [0.89, 0],
    [0.9, 1],
    [1, 1],
  ])("tells what waits in windows, and warns before the buffer is full: %d", (bufferFill, nearlyFull) => {
    const samples = parse(exposition([read("a", 0, { buffered: 7, bufferFill })], LEDGER_HELPS));
    const gauges = ["buffered_alerts", "buffer_fill_ratio", "buffer_nearly_full"];
    expect(gauges.map((name) => samples.get(`gateway_storm_${name}{cluster="a"}`))).toEqual([7, bufferFill, nearlyFull]);
  });

  it("tells each counter of storms by its own name", () => {
    const counts = { buffer_hits: 1, buffer_misses: 2, buffer_bypasses: 3, windows_expired: 4, storms_detected: 5, storms_created: 6 };
    const reading = read("a", 0);
    const samples = parse(exposition([{ ...reading, counters: { ...reading.counters, ...counts } }], LEDGER_HELPS));
    const names = ["buffer_hits", "buffer_misses", "buffer_bypasses", "buffer_expirations", "detected", "aggregated_crds"];
    expect(names.map((name) => samples.get(`gateway_storm_${name}_total{cluster="a"}`))).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it("names the series that dashboards and rules rely on", () => {
    const samples = parse(exposition([read("a", 0)], LEDGER_HELPS));
    const names = [
      "alerts_received",
      "crds_created",
      "deduplication_cache_hits",
      "deduplication_cache_misses",
      "crd_state_cache_hits",
      "crd_state_cache_misses",
      "crd_collision_errors",
      "crd_update_success",
      "crd_update_failure",
      "truncated_alerts",
      "unknown_severities",
      "unreadable_times",
      "storm_buffer_hits",
      "storm_buffer_misses",
      "storm_buffer_bypasses",
      "storm_buffer_expirations",
      "storm_detected",
      "storm_aggregated_crds",
    ];
    for (const name of names) expect(samples.get(`gateway_${name}_total{cluster="a"}`)).toBe(0);
  });
});

describe("/metrics", () => {
  it("counts each alert of a delivery once, however often it is sent", async () => {
    const { post, ask } = openGateway();
    const alert = alertIn("shop");
    const delivery = webhook([alert, { ...alertIn("shop"), status: "unheard-of" }, resolvedOf(alertIn("shop"))], { groupKey: "{}:{}" });
    await post(delivery);
    await post(delivery);
    await post(webhook([alert]));
    const answer = await ask("/metrics", { token: TOKENS.read });
    expect(answer.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    const samples = parse(await answer.text());
    const sample = (name: string) => samples.get(`gateway_${name}_total{cluster="default"}`);
    expect([sample("crds_created"), sample("alerts_quarantined"), sample("deduplication_cache_hits")]).toEqual([1, 1, 1]);
    expect(sample("alerts_received")).toBe(4);
  });

  it("counts what a payload brings beside alerts to decide, once a delivery, also where that is all of it", async () => {
    const { post, ask } = openGateway();
    const severity = (word: string, name = "A") => ({
      ...alertIn("shop"),
      labels: { ...alertIn("shop").labels, alertname: name, severity: word },
    });
    const mixed = webhook([severity("none"), { ...severity("strange"), startsAt: "of late" }], { groupKey: "{}:{}", truncatedAlerts: 5 });
    await post(mixed);
    await post(mixed);
    const samples = async () => parse(await (await ask("/metrics", { token: TOKENS.read })).text());
    const first = await samples();
    expect(first.get('gateway_truncated_alerts_total{cluster="default"}')).toBe(5);
    expect(first.get('gateway_unknown_severities_total{cluster="default"}')).toBe(1);
    expect(first.get('gateway_unreadable_times_total{cluster="default"}')).toBe(1);
    expect(first.get('gateway_watchdog_last_seen_seconds{cluster="default"}')).toBeUndefined();
    await post(webhook([severity("none", "Watchdog")]));
    const second = await samples();
    expect(second.get('gateway_alert_outcomes_total{cluster="default",source="patient",outcome="ignored",rung="cache"}')).toBe(2);
    expect(second.get('gateway_watchdog_last_seen_seconds{cluster="default"}')).toBe(1_800_000_000);
    expect(second.get('gateway_alerts_received_total{cluster="default"}')).toBe(3);
  });
});
