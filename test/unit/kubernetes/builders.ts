import type { Timing } from "../../../src/adapters/kubernetes/pace.ts";
import type { RequestDraft } from "../../../src/domain/remediation-request.ts";
import type { StormDraft } from "../../../src/domain/storm-draft.ts";
import type { EnsureOperation, EnsureStormOperation, RecordOperation } from "../../../src/ports/remediation-writer.ts";

export const FALLBACK = "kubernaut-system";
export const BORN_MS = Date.parse("2026-03-01T10:00:00.000Z");
export const fingerprintOf = (digit: string): string => digit.repeat(64);

export function draftFor(fingerprint: string, namespace: string): RequestDraft {
  const born = new Date(BORN_MS).toISOString();
  const spec = {
    signalFingerprint: fingerprint,
    signalName: "HighMemory",
    severity: "warning",
    environment: "staging",
    priority: "P2",
    signalType: "prometheus-alert",
    signalSource: "alertmanager",
    targetType: "kubernetes",
    firingTime: born,
    receivedTime: born,
    signalLabels: { alertname: "HighMemory" },
    signalAnnotations: {},
    providerData: "e30=",
    originalPayload: "e30=",
    deduplication: { isDuplicate: false, firstSeen: born, lastSeen: born, occurrenceCount: 1 },
  } as const;
  return { namespace, spec };
}

export const ensureOf = (fingerprint: string, intent: string, namespace = "shop", retry = false): EnsureOperation => ({
  kind: "ensure",
  intent,
  retry,
  draft: draftFor(fingerprint, namespace),
  buffered: false,
});

/** A storm of the group with these members, which may adopt whatever is open. */
export function ensureStormOf(
  group: string,
  window: string,
  fingerprints: readonly string[],
  namespace = "shop",
  over: Partial<EnsureStormOperation> = {},
): EnsureStormOperation {
  return {
    kind: "ensure-storm",
    intent: `intent-${window}`,
    retry: false,
    storm: stormDraftOf(group, window, fingerprints, namespace),
    adopt: { youngerThanMs: 3_600_000, fewerThan: 10_000, exceptUids: [] },
    ...over,
  };
}

export function stormDraftOf(group: string, window: string, fingerprints: readonly string[], namespace = "shop"): StormDraft {
  const { spec } = draftFor(group, namespace);
  const members = fingerprints.map((fingerprint, n) => ({
    fingerprint,
    target: `shop:Pod:web-${n}`,
    severity: "warning" as const,
    priority: "P2" as const,
    firingTime: new Date(BORN_MS).toISOString(),
    details: { labels: { alertname: "HighMemory", pod: `web-${n}` }, annotations: {} },
  }));
  return { group, window, namespace, cluster: "east", stormWindow: "45s", base: spec, members };
}

export const recordOf = (
  request: RecordOperation["request"],
  slot: string,
  count: number,
  seen: Partial<RecordOperation> = {},
): RecordOperation => ({
  kind: "record",
  request: { namespace: request.namespace, name: request.name, uid: request.uid },
  slot,
  count,
  firstSeenMs: BORN_MS,
  lastSeenMs: BORN_MS + count * 1000,
  resolvedAtMs: null,
  urgency: null,
  storm: null,
  ...seen,
});

/** Time that passes only where somebody pauses; pauses end at once. `random` gives the middle. */
export function stillTiming(startMs = BORN_MS): Timing & { readonly pauses: number[]; pass(ms: number): void } {
  let nowMs = startMs;
  const pauses: number[] = [];
  return {
    pauses,
    clock: { now: () => nowMs },
    pause: (ms, signal) => {
      // A pause that something else can end is a deadline's: it is not waited for.
      if (signal) return new Promise(() => {});
      pauses.push(ms);
      nowMs += ms;
      return Promise.resolve();
    },
    random: () => 0.5,
    pass: (ms) => {
      nowMs += ms;
    },
  };
}
