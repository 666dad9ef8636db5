import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Alert, ParsedAlert } from "../../src/domain/alert.ts";
import { utf8Length } from "../../src/domain/utf8.ts";
import { toAdmit } from "../../src/flows/admit-chunks.ts";
import { parseAlertmanager } from "../../src/sources/alertmanager.ts";
import { parseKubernetesEvents } from "../../src/sources/kubernetes-event.ts";
import { openEmbeddedStore } from "../support/embedded-ledger.ts";
import { call, RULES } from "../support/ledger-builders.ts";

const NOW_MS = 1_800_000_000_000;
const context = {
  source: "s".repeat(63),
  cluster: "c".repeat(63),
  environment: null,
  namespaces: ["*"],
  targetRules: [],
  explains: false,
  nowMs: NOW_MS,
};

/** Long texts, and those whose JSON or base64 is longest. */
const text = fc.oneof(
  fc.string({ maxLength: 30, unit: "binary" }),
  fc.constantFrom("shop", "web-0", "Pod", "node", "critical", "firing"),
  fc
    .tuple(fc.constantFrom('"', "\\", "\u0001", "é", "😀", "a", "\ud800", "\u2028"), fc.integer({ min: 0, max: 20_000 }))
    .map(([unit, times]) => unit.repeat(times)),
);
const value = fc.oneof({ weight: 4, arbitrary: text }, fc.double(), fc.maxSafeInteger(), fc.jsonValue());
const texts = fc.dictionary(
  fc.oneof(
    text.map((name) => name.slice(0, 40)),
    fc.constantFrom("namespace", "pod", "job_name", "environment"),
  ),
  value,
  { maxKeys: 8 },
);
const envelope = fc.record(
  {
    externalURL: text,
    receiver: text,
    groupKey: text,
    commonLabels: texts,
    commonAnnotations: texts,
    groupLabels: texts,
    status: text,
  },
  { requiredKeys: [] },
);
const alert = fc.record(
  {
    labels: texts,
    annotations: texts,
    startsAt: value,
    generatorURL: text,
    fingerprint: value,
    status: fc.constant("firing"),
    more: value,
  },
  { requiredKeys: ["labels"] },
);
const event = fc.record(
  {
    metadata: fc.record({ uid: text, namespace: text, name: text }, { requiredKeys: [] }),
    type: text,
    count: value,
    message: text,
    note: value,
    firstTimestamp: value,
    more: value,
  },
  { requiredKeys: [] },
);
const reference = fc.record(
  { apiVersion: text, kind: text, name: text, namespace: text, labels: texts },
  { requiredKeys: ["kind", "name"] },
);

const bytesOf = (content: unknown): number => utf8Length(JSON.stringify(content));
const budgetOf = (body: unknown): number => 4 * bytesOf(body) + 4_096;
const storedOf = (parsed: ParsedAlert | undefined): number =>
  parsed?.kind === "alert"
    ? bytesOf(parsed.draft) + utf8Length(targetOf(parsed))
    : parsed?.kind === "invalid"
      ? utf8Length(parsed.payload)
      : 0;
const targetOf = (parsed: Alert): string => toAdmit(parsed, false, () => null).target;

const alertsOf = async (value: unknown, parse: typeof parseAlertmanager) => {
  const payload = await parse(JSON.parse(JSON.stringify(value)), context);
  return payload.ok ? payload.alerts : [];
};

describe("what is stored of an alert stays within four times its own JSON and 4 KiB", () => {
  it("whatever an Alertmanager's webhook tells of it or of all its alerts", () =>
    fc.assert(
      fc.asyncProperty(envelope, fc.array(alert, { minLength: 1, maxLength: 4 }), async (told, alerts) => {
        const named = alerts.map((one) => ({ ...one, labels: { ...one.labels, alertname: one.labels.alertname ?? "A" } }));
        const parsed = await alertsOf({ ...told, alerts: named }, parseAlertmanager);
        expect(parsed).toHaveLength(named.length);
        for (const [at, one] of parsed.entries()) expect(storedOf(one)).toBeLessThanOrEqual(budgetOf(named[at]));
      }),
    ));

  it("whatever a Kubernetes event tells, in whichever envelope", () =>
    fc.assert(
      fc.asyncProperty(event, reference, texts, text, async (told, involvedObject, around, reason) => {
        const body = { ...told, reason: reason || "Failed", involvedObject };
        const [parsed] = await alertsOf({ ...around, specversion: "1.0", data: body }, parseKubernetesEvents);
        if (parsed) expect(storedOf(parsed)).toBeLessThanOrEqual(budgetOf(body));
      }),
    ));

  it("in all of its keys in Redis, but for bookkeeping that does not grow with what is told", async () => {
    const alerts = Array.from({ length: 50 }, (_, n) => ({
      status: "firing",
      labels: { alertname: "A", namespace: "shop", pod: `web-${n}` },
    }));
    const { ledger, keys, run } = openEmbeddedStore(RULES, () => NOW_MS);
    const parsed = await alertsOf(
      { externalURL: `http://${"a".repeat(8_000)}`, commonLabels: { x: "y".repeat(64_000) }, alerts },
      parseAlertmanager,
    );
    await ledger.admit(
      call(parsed.map((one) => toAdmit(one as Alert, false, () => ({ threshold: 99, firstRequestMs: 45_000, joinMs: 1_000 })))),
    );
    const hashes = [
      ...parsed.map(({ fingerprint }) => keys.episode(fingerprint)),
      keys.group((parsed[0] as Alert).group),
      keys.seen,
      keys.counters,
    ];
    const sets = [keys.members((parsed[0] as Alert).group), keys.seenAt, keys.windows, keys.intents];
    const held = await Promise.all([...hashes.map((key) => run("HGETALL", key)), ...sets.map((key) => run("ZRANGE", key, "0", "-1"))]);
    const bookkeepingBytes = 2_500;
    expect(held.slice(0, parsed.length).every((episode) => (episode as string[]).length > 0)).toBe(true);
    expect(bytesOf(held)).toBeLessThan(alerts.reduce((sum, one) => sum + budgetOf(one) + bookkeepingBytes, 0));
  });
});
