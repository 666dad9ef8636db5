import { FEATURES } from "../domain/feature.ts";
import { type Counter, LETTER_KINDS, PLACES, REQUEST_KINDS, SETTLED, type Survey, WAIT_BOUNDS } from "../ports/ledger.ts";
import { bucketSamples } from "./buckets.ts";
import type { Sample, Titled } from "./family-text.ts";

/** What one cluster's ledger says of itself at a scrape. It is counted there with the decisions, so every process tells the same. */
export interface Reading {
  readonly cluster: string;
  readonly counters: Readonly<Record<Counter, number>>;
  readonly survey: Survey;
}

/** A series: what it is called, and its values of one cluster. The label `cluster` is added to each. What it means stands in ledger-helps.ts. */
export interface Family extends Titled {
  samples(reading: Reading): readonly Sample[];
}

const COUNTED: Readonly<Record<Counter, string>> = {
  alerts_received: "gateway_alerts_received_total",
  requests_created: "gateway_crds_created_total",
  requests_found: "gateway_crds_found_total",
  deduplication_hits: "gateway_deduplication_cache_hits_total",
  deduplication_misses: "gateway_deduplication_cache_misses_total",
  state_cache_hits: "gateway_crd_state_cache_hits_total",
  state_cache_misses: "gateway_crd_state_cache_misses_total",
  quarantined: "gateway_alerts_quarantined_total",
  updates_succeeded: "gateway_crd_update_success_total",
  updates_failed: "gateway_crd_update_failure_total",
  counts_lost: "gateway_counts_lost_total",
  collisions: "gateway_crd_collision_errors_total",
  truncated_alerts: "gateway_truncated_alerts_total",
  unknown_severities: "gateway_unknown_severities_total",
  unreadable_times: "gateway_unreadable_times_total",
  buffer_hits: "gateway_storm_buffer_hits_total",
  buffer_misses: "gateway_storm_buffer_misses_total",
  buffer_bypasses: "gateway_storm_buffer_bypasses_total",
  windows_expired: "gateway_storm_buffer_expirations_total",
  storms_detected: "gateway_storm_detected_total",
  storms_created: "gateway_storm_aggregated_crds_total",
};

/** Share of the buffer from which on there is little time left before alerts pass it by. */
const NEARLY_FULL = 0.9;

const gauge = (name: string, read: (survey: Survey) => number | null): Family => ({
  name,
  type: "gauge",
  samples({ survey }) {
    const value = read(survey);
    return value === null ? [] : [{ labels: {}, value }];
  },
});

/** Every series of a ledger, in its order. */
export const CATALOGUE: readonly Family[] = [
  ...(Object.keys(COUNTED) as Counter[]).map((counter): Family => {
    return { name: COUNTED[counter], type: "counter", samples: ({ counters }) => [{ labels: {}, value: counters[counter] }] };
  }),
  {
    name: "gateway_alert_outcomes_total",
    type: "counter",
    samples: ({ survey }) => survey.outcomes.map(({ count, ...labels }) => ({ labels, value: count })),
  },
  {
    name: "gateway_targets_total",
    type: "counter",
    samples: ({ survey }) => survey.targets.map(({ rule, count }) => ({ labels: { rule }, value: count })),
  },
  {
    name: "gateway_feature_alerts_total",
    type: "counter",
    samples: ({ survey }) => survey.arms.map(({ count, ...labels }) => ({ labels, value: count })),
  },
  {
    name: "gateway_feature_share",
    type: "gauge",
    samples: ({ survey }) => FEATURES.map((feature) => ({ labels: { feature }, value: survey.shares[feature] / 100 })),
  },
  {
    name: "gateway_canary_rule_state",
    type: "gauge",
    samples: ({ survey }) => survey.rules.map(({ feature, rule, state }) => ({ labels: { feature, rule, state }, value: 1 })),
  },
  {
    name: "gateway_canary_rule_blind",
    type: "gauge",
    samples: ({ survey }) => survey.rules.map(({ rule, blind }) => ({ labels: { rule }, value: Number(blind) })),
  },
  {
    name: "gateway_canary_votes_total",
    type: "counter",
    samples: ({ survey }) => survey.votes.map(({ rule, count }) => ({ labels: { rule }, value: count })),
  },
  {
    name: "gateway_canary_rolled_back",
    type: "gauge",
    samples: ({ survey }) => survey.rolledBack.map(({ feature, rule }) => ({ labels: { feature, rule }, value: 1 })),
  },
  {
    name: "gateway_canary_rollbacks_total",
    type: "counter",
    samples: ({ survey }) => survey.rollbacks.map(({ count, ...labels }) => ({ labels, value: count })),
  },
  gauge("gateway_intents_open", ({ openIntents }) => openIntents),
  gauge("gateway_intents_oldest_seconds", ({ oldestIntentMs }) => {
    return (oldestIntentMs ?? 0) / 1_000;
  }),
  {
    name: "gateway_intent_failures_total",
    type: "counter",
    samples: ({ survey }) => survey.failures.map(({ reason, count }) => ({ labels: { reason }, value: count })),
  },
  {
    name: "gateway_dead_letters",
    type: "gauge",
    samples: ({ survey }) => LETTER_KINDS.map((kind) => ({ labels: { kind }, value: survey.deadLetters[kind] })),
  },
  gauge("gateway_dead_letters_oldest_seconds", (survey) => {
    return (survey.deadLetterOldestMs ?? 0) / 1_000;
  }),
  {
    name: "gateway_dead_letters_dropped_total",
    type: "counter",
    samples: ({ survey }) => survey.lettersDropped.map(({ source, count }) => ({ labels: { source }, value: count })),
  },
  gauge("gateway_storm_buffered_alerts", ({ buffered }) => buffered),
  gauge("gateway_storm_buffer_fill_ratio", (survey) => {
    return survey.bufferFill;
  }),
  gauge("gateway_storm_buffer_nearly_full", ({ bufferFill }) => {
    return bufferFill >= NEARLY_FULL ? 1 : 0;
  }),
  gauge("gateway_watchdog_last_seen_seconds", ({ watchdogSeenMs }) => {
    return watchdogSeenMs === null ? null : watchdogSeenMs / 1_000;
  }),
  {
    name: "gateway_alert_to_request_seconds",
    type: "histogram",
    samples: ({ survey }) =>
      REQUEST_KINDS.flatMap((kind) => {
        const { counts, sumMs } = survey.waits[kind];
        return bucketSamples({ kind }, WAIT_BOUNDS, { counts, sum: sumMs / 1_000 });
      }),
  },
  {
    name: "gateway_conservation_taken_total",
    type: "counter",
    samples: ({ survey }) => [{ labels: {}, value: survey.owed }],
  },
  {
    name: "gateway_conservation_settled_total",
    type: "counter",
    samples: ({ survey }) => SETTLED.map((outcome) => ({ labels: { outcome }, value: survey.settled[outcome] })),
  },
  {
    name: "gateway_conservation_open",
    type: "gauge",
    samples: ({ survey }) => PLACES.map((place) => ({ labels: { place }, value: survey.open[place] })),
  },
  gauge("gateway_sweep_lag_seconds", ({ sweepLagMs }) => {
    return sweepLagMs / 1_000;
  }),
  gauge("gateway_intents_overdue_seconds", (survey) => {
    return survey.intentsOverdueMs / 1_000;
  }),
  gauge("gateway_counts_pending", ({ countsPending }) => countsPending),
  gauge("gateway_counts_overdue_seconds", ({ countsOverdueMs }) => {
    return countsOverdueMs / 1_000;
  }),
  gauge("gateway_watch_last_heartbeat_seconds", ({ heartbeatSeenMs }) => {
    return heartbeatSeenMs === null ? null : heartbeatSeenMs / 1_000;
  }),
];
