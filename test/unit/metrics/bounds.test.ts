import { expect, it } from "vitest";
import type { Redis } from "../../../src/adapters/redis/client.ts";
import { OUTCOMES, type Result } from "../../../src/domain/outcome.ts";
import { TROUBLES } from "../../../src/domain/trouble.ts";
import { exposition } from "../../../src/metrics/exposition.ts";
import { LEDGER_HELPS } from "../../../src/metrics/ledger-helps.ts";
import { createOwnMetrics } from "../../../src/metrics/own-metrics.ts";
import { REFUSALS } from "../../../src/metrics/table.ts";
import { openEmbeddedLedger } from "../../support/embedded-ledger.ts";
import { call, fingerprint, firing, invalid, RULES, resolved } from "../../support/ledger-builders.ts";
import { samplesOf } from "../../support/read-metrics.ts";
import { stormy } from "../../support/storm-builders.ts";

const [SOURCES, NAMESPACES] = [25, 1_000];
const sources = Array.from({ length: SOURCES }, (_, at) => `source-${at}`);

function openCounted() {
  let sent = 0;
  const around = (redis: Redis): Redis => ({
    evalsha: (...args) => {
      sent += 1;
      return redis.evalsha(...args);
    },
    eval: redis.eval,
  });
  return { ledger: openEmbeddedLedger(RULES, () => 1_800_000_000_000, around), sent: () => sent };
}

it("a scrape has less than 2,000 series and makes two calls, with 1,000 namespaces and 25 sources that do everything", async () => {
  const { ledger, sent } = openCounted();
  for (let from = 0; from < NAMESPACES; from += 100) {
    const alerts = Array.from({ length: 100 }, (_, at) => {
      const place = from + at;
      return stormy(`n${place}`, { namespace: `n${place}`, group: place.toString(16).padStart(64, "0"), rule: `rule:${place % 50}` });
    });
    await ledger.admit(call(alerts));
  }
  for (const [at, source] of sources.entries()) {
    const outcomes = OUTCOMES.map((outcome) => ({ source, outcome, count: 1 }));
    const alerts = [firing(`a${at}`), resolved(`b${at}`), invalid(`c${at}`)];
    await ledger.admit(call(alerts, { source, strays: { id: at.toString(16).padStart(32, "0"), outcomes } }));
    for (let times = 0; times < 2; times += 1) await ledger.admit(call([firing(`a${at}`), resolved(`a${at}`)], { source }));
  }
  for (const reason of TROUBLES) {
    const { intent } = (await ledger.admit(call([firing(reason)])))[0] as { readonly intent: string };
    await ledger.settle([{ kind: "intent-failed", subject: fingerprint(reason), intent, reason, afterMs: 1_000 }]);
  }
  const own = createOwnMetrics();
  for (const source of [...sources, "unknown"]) {
    for (const refusal of REFUSALS) own.answered({ source, status: 422, refusal, seconds: 1 });
    for (const status of [201, 202, 400, 401, 413, 415, 429, 503]) own.answered({ source, status, refusal: null, seconds: 1 });
  }
  own.decided("default", OUTCOMES.map((outcome) => ({ outcome })) as Result[]);

  const before = sent();
  const [counters, survey] = await Promise.all([ledger.counters(), ledger.survey()]);
  expect(sent() - before).toBe(2);
  const series = samplesOf(exposition([{ cluster: "default", counters, survey }], LEDGER_HELPS) + own.text());
  expect(series.length).toBeGreaterThan(1_300);
  expect(series.length).toBeLessThan(2_000);
});
