import type { Shares } from "../../src/domain/feature.ts";
import type { RequestDraft, RequestState } from "../../src/domain/remediation-request.ts";
import type { WindowRules } from "../../src/domain/window-rules.ts";
import type { AdmitAlert, AdmitCall, Fact, LedgerRules } from "../../src/ports/ledger.ts";

/** The default settings, in ms. */
export const RULES: LedgerRules = {
  shares: { "state-based-dedup": 100, "storm-buffering": 100 },
  stateTtlMs: 30_000,
  fallbackTtlMs: 300_000,
  deliveryTtlMs: 120_000,
  leaseMs: 5_000,
  voteMs: 60_000,
  intentsMax: 100,
  windowMaxMs: 3_600_000,
  windowAlertsMax: 20,
  bufferedMax: { perNamespace: 50, total: 100 },
};

/** Repeats are judged by time alone. */
export const BY_TIME: Shares = { ...RULES.shares, "state-based-dedup": 0 };

/** The default settings of a window, in ms, with a threshold that few alerts reach. */
export const WINDOW_RULES: WindowRules = { threshold: 3, firstRequestMs: 45_000, joinMs: 600_000 };

/** What is written of storms in a cluster without a name. */
export const STORMS = { cluster: "test", windowMaxMs: RULES.windowMaxMs, windowAlertsMax: RULES.windowAlertsMax };

/** Of a payload that brings nothing beside its alerts. */
export const NOTHING_ASIDE = { truncatedAlerts: 0, unknownSeverities: 0, unreadableTimes: 0 };

/** A fingerprint that reads as the word it was made of. */
export const fingerprint = (word: string): string =>
  [...word]
    .map((letter) => letter.charCodeAt(0).toString(16))
    .join("")
    .padEnd(64, "0");

export const draft = (word: string, namespace = "shop"): RequestDraft => ({
  namespace,
  spec: {
    signalFingerprint: fingerprint(word),
    signalName: word,
    severity: "warning",
    environment: "unknown",
    priority: "P2",
    signalType: "prometheus-alert",
    signalSource: "test",
    targetType: "kubernetes",
    firingTime: "2026-01-01T00:00:00.000Z",
    receivedTime: "2026-01-01T00:00:00.000Z",
    signalLabels: { alertname: word },
    signalAnnotations: {},
    providerData: "e30=",
    originalPayload: "e30=",
    deduplication: {
      isDuplicate: false,
      firstSeen: "2026-01-01T00:00:00.000Z",
      lastSeen: "2026-01-01T00:00:00.000Z",
      occurrenceCount: 1,
    },
  },
});

/** The group of alerts that name no other. */
export const GROUP = "9".repeat(64);

export const firing = (word: string, over: Partial<AdmitAlert> = {}): AdmitAlert => ({
  identity: [word, over.instance, over.kind, over.startsAtMs].join("|"),
  kind: "firing",
  fingerprint: fingerprint(word),
  instance: "a",
  startsAtMs: 1_000,
  namespace: "shop",
  group: GROUP,
  target: `shop:Pod:${word}`,
  rule: "pod",
  windowRules: null,
  shared: false,
  event: null,
  draft: draft(word, over.namespace),
  invalid: null,
  unreachable: false,
  ...over,
});

export const resolved = (word: string, over: Partial<AdmitAlert> = {}): AdmitAlert =>
  firing(word, { kind: "resolved", draft: null, ...over });

export const invalid = (word: string, payload = '{"bad":true}', namespace = "shop"): AdmitAlert =>
  firing(word, {
    kind: "invalid",
    namespace,
    rule: "",
    draft: null,
    invalid: { reason: "alertname-missing", payload, signalType: "prometheus-alert" },
  });

let calls = 0;

/** A call of its own: another operation and delivery than every other, unless named. */
export function call(alerts: readonly AdmitAlert[], over: Partial<AdmitCall> = {}): AdmitCall {
  calls += 1;
  const operation = calls.toString(16).padStart(32, "0");
  return {
    operation,
    delivery: over.operation ?? operation,
    source: "test",
    body: null,
    facts: [],
    alerts,
    more: false,
    aside: null,
    strays: null,
    ...over,
  };
}

/** An object as Kubernetes would show it. */
export const stateOf = (word: string, over: Partial<RequestState> = {}): RequestState => ({
  namespace: "shop",
  name: `rr-${word}-1`,
  uid: `uid-${word}-1`,
  resourceVersion: "100",
  intent: null,
  phase: "Pending",
  ended: false,
  endedAtMs: null,
  session: null,
  urgency: null,
  ...over,
});

export const ensured = (
  word: string,
  intent: string,
  over: Partial<RequestState> = {},
  outcome: "created" | "existing" = "created",
): Fact => ({
  kind: "ensured",
  subject: fingerprint(word),
  intent,
  outcome,
  state: stateOf(word, { intent, ...over }),
  otherOccurrences: 0,
  takenBack: [],
  agoMs: null,
  adopted: null,
});

export const seen = (word: string, over: Partial<RequestState> = {}): Fact => ({
  kind: "seen",
  subject: fingerprint(word),
  state: stateOf(word, over),
  shown: null,
  agoMs: null,
});

export const gone = (word: string, uid = `uid-${word}-1`, session: string | null = null, agoMs: number | null = null): Fact => ({
  kind: "gone",
  subject: fingerprint(word),
  uid,
  session,
  agoMs,
});
