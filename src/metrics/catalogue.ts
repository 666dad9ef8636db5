import { FEATURES } from "../domain/feature.ts";
import { type Counter, LETTER_KINDS, PLACES, REQUEST_KINDS, SETTLED, type Survey, WAIT_BOUNDS } from "../ports/ledger.ts";
import { bucketSamples } from "./buckets.ts";
import type { Heading, Sample } from "./family-text.ts";

/** What one cluster's ledger says of itself at a scrape. It is counted there with the decisions, so every process tells the same. */
export interface Reading {
  readonly cluster: string;
  readonly counters: Readonly<Record<Counter, number>>;
  readonly survey: Survey;
}

/** A series: what it is called and counts, and its values of one cluster. The label `cluster` is added to each. */
export interface Family extends Heading {
  samples(reading: Reading): readonly Sample[];
}

const COUNTED: Readonly<Record<Counter, readonly [name: string, help: string]>> = {
  alerts_received: ["gateway_alerts_received_total", "Alerts decided, each once a delivery."],
  requests_created: ["gateway_crds_created_total", "RemediationRequests created."],
  requests_found: ["gateway_crds_found_total", "New alerts whose request Kubernetes held already."],
  deduplication_hits: ["gateway_deduplication_cache_hits_total", "Alerts counted as repeats."],
  deduplication_misses: ["gateway_deduplication_cache_misses_total", "Alerts that asked for a new request."],
  state_cache_hits: ["gateway_crd_state_cache_hits_total", "Repeats decided by the remembered state of their request."],
  state_cache_misses: ["gateway_crd_state_cache_misses_total", "Looks at Kubernetes because the remembered state was stale."],
  quarantined: ["gateway_alerts_quarantined_total", "Alerts kept as dead letters, or counted on one."],
  updates_succeeded: ["gateway_crd_update_success_total", "Writes of occurrence counts into the status of requests that worked."],
  updates_failed: ["gateway_crd_update_failure_total", "Writes of occurrence counts that did not work and are tried again."],
  counts_lost: [
    "gateway_counts_lost_total",
    "Occurrence counts given up: their request was gone before they were written, or refuses them for good.",
  ],
  collisions: [
    "gateway_crd_collision_errors_total",
    "Requests deleted again because another live one of their fingerprint was there first.",
  ],
  truncated_alerts: ["gateway_truncated_alerts_total", "Alerts that senders said they left out of their payloads."],
  unknown_severities: [
    "gateway_unknown_severities_total",
    "Alerts of no or an unknown severity, and events of no or an unknown type, taken as warnings.",
  ],
  unreadable_times: [
    "gateway_unreadable_times_total",
    "Alerts whose start could not be read or lay over 10 min ahead, taken as begun when they came in.",
  ],
  buffer_hits: ["gateway_storm_buffer_hits_total", "Alerts that joined an open window of their group."],
  buffer_misses: ["gateway_storm_buffer_misses_total", "Alerts that opened a window."],
  buffer_bypasses: ["gateway_storm_buffer_bypasses_total", "Alerts that passed at once because the buffer was full."],
  windows_expired: ["gateway_storm_buffer_expirations_total", "Windows that stayed below their threshold."],
  storms_detected: ["gateway_storm_detected_total", "Windows that reached their threshold."],
  storms_created: ["gateway_storm_aggregated_crds_total", "RemediationRequests created for storms."],
};

/** Share of the buffer from which on there is little time left before alerts pass it by. */
const NEARLY_FULL = 0.9;

const gauge = (name: string, help: string, read: (survey: Survey) => number | null): Family => ({
  name,
  help,
  type: "gauge",
  samples({ survey }) {
    const value = read(survey);
    return value === null ? [] : [{ labels: {}, value }];
  },
});

/** Every series of a ledger, in its order. */
export const CATALOGUE: readonly Family[] = [
  ...(Object.keys(COUNTED) as Counter[]).map((counter): Family => {
    const [name, help] = COUNTED[counter];
    return { name, help, type: "counter", samples: ({ counters }) => [{ labels: {}, value: counters[counter] }] };
  }),
  {
    name: "gateway_alert_outcomes_total",
    help: "Alerts by source, outcome and how the state behind it was known; accepted: each that led to an intent.",
    type: "counter",
    samples: ({ survey }) => survey.outcomes.map(({ count, ...labels }) => ({ labels, value: count })),
  },
  {
    name: "gateway_targets_total",
    help: "Alerts by the rule that found what they are about; unknown: no object was named for certain.",
    type: "counter",
    samples: ({ survey }) => survey.targets.map(({ rule, count }) => ({ labels: { rule }, value: count })),
  },
  {
    name: "gateway_feature_alerts_total",
    help: "Alerts by feature, whether their namespace has it (arm: on, off), and outcome.",
    type: "counter",
    samples: ({ survey }) => survey.arms.map(({ count, ...labels }) => ({ labels, value: count })),
  },
  {
    name: "gateway_feature_share",
    help: "The share of namespaces that have a feature, 0 to 1: the lowest of settings and override.",
    type: "gauge",
    samples: ({ survey }) => FEATURES.map((feature) => ({ labels: { feature }, value: survey.shares[feature] / 100 })),
  },
  {
    name: "gateway_canary_rule_state",
    help: "1 for the state (breach, pass, not-enough) of a rule that a feature is judged by.",
    type: "gauge",
    samples: ({ survey }) => survey.rules.map(({ feature, rule, state }) => ({ labels: { feature, rule, state }, value: 1 })),
  },
  {
    name: "gateway_canary_rule_blind",
    help: "1 for a rule that has met what it is about, and got no vote from it.",
    type: "gauge",
    samples: ({ survey }) => survey.rules.map(({ rule, blind }) => ({ labels: { rule }, value: Number(blind) })),
  },
  {
    name: "gateway_canary_votes_total",
    help: "Votes of rules, one a minute at most.",
    type: "counter",
    samples: ({ survey }) => survey.votes.map(({ rule, count }) => ({ labels: { rule }, value: count })),
  },
  {
    name: "gateway_canary_rollbacks_total",
    help: "Features that were turned off by a rule.",
    type: "counter",
    samples: ({ survey }) => survey.rollbacks.map(({ count, ...labels }) => ({ labels, value: count })),
  },
  gauge("gateway_intents_open", "Requests decided on that nobody has confirmed yet.", ({ openIntents }) => openIntents),
  gauge("gateway_intents_oldest_seconds", "How long the oldest of them has been open; 0: there is none.", ({ oldestIntentMs }) => {
    return (oldestIntentMs ?? 0) / 1_000;
  }),
  {
    name: "gateway_intent_failures_total",
    help: "Tries for a request that failed, by reason; each is made again until it works or becomes a dead letter.",
    type: "counter",
    samples: ({ survey }) => survey.failures.map(({ reason, count }) => ({ labels: { reason }, value: count })),
  },
  {
    name: "gateway_dead_letters",
    help: "What is kept for people to look at: invalid alerts, requests that Kubernetes refused, and those that could not be made for a day.",
    type: "gauge",
    samples: ({ survey }) => LETTER_KINDS.map((kind) => ({ labels: { kind }, value: survey.deadLetters[kind] })),
  },
  gauge(
    "gateway_dead_letters_oldest_seconds",
    "How long ago the alert of the oldest of them first came in; 0: there is none.",
    (survey) => {
      return (survey.deadLetterOldestMs ?? 0) / 1_000;
    },
  ),
  {
    name: "gateway_dead_letters_dropped_total",
    help: "Dead letters of invalid alerts that made room for newer ones of their source: it sends more kinds of bad alerts than are kept.",
    type: "counter",
    samples: ({ survey }) => survey.lettersDropped.map(({ source, count }) => ({ labels: { source }, value: count })),
  },
  gauge("gateway_storm_buffered_alerts", "Alerts that wait in windows below their threshold.", ({ buffered }) => buffered),
  gauge("gateway_storm_buffer_fill_ratio", "The largest share of its room that a namespace, or the cluster, has in windows.", (survey) => {
    return survey.bufferFill;
  }),
  gauge("gateway_storm_buffer_nearly_full", "1 from a share of 0.9 on: beyond 1, alerts pass the buffer by; else 0.", ({ bufferFill }) => {
    return bufferFill >= NEARLY_FULL ? 1 : 0;
  }),
  gauge("gateway_watchdog_last_seen_seconds", "When a firing Watchdog last came in, Unix time.", ({ watchdogSeenMs }) => {
    return watchdogSeenMs === null ? null : watchdogSeenMs / 1_000;
  }),
  {
    name: "gateway_alert_to_request_seconds",
    help: "From when an alert, of a storm its first one, came in until the ledger learnt of its request.",
    type: "histogram",
    samples: ({ survey }) =>
      REQUEST_KINDS.flatMap((kind) => {
        const { counts, sumMs } = survey.waits[kind];
        return bucketSamples({ kind }, WAIT_BOUNDS, { counts, sum: sumMs / 1_000 });
      }),
  },
  {
    name: "gateway_conservation_taken_total",
    help: "What alerts came to be owed: a request of their own or of a storm, a wait in a window, a new dead letter.",
    type: "counter",
    samples: ({ survey }) => [{ labels: {}, value: survey.owed }],
  },
  {
    name: "gateway_conservation_settled_total",
    help: "How what was owed ended.",
    type: "counter",
    samples: ({ survey }) => SETTLED.map((outcome) => ({ labels: { outcome }, value: survey.settled[outcome] })),
  },
  {
    name: "gateway_conservation_open",
    help: "What is owed and stands open; with what was settled as much as was taken.",
    type: "gauge",
    samples: ({ survey }) => PLACES.map((place) => ({ labels: { place }, value: survey.open[place] })),
  },
  gauge("gateway_sweep_lag_seconds", "How far the most overdue window is past its time; 0: none is.", ({ sweepLagMs }) => {
    return sweepLagMs / 1_000;
  }),
  gauge("gateway_intents_overdue_seconds", "How far the most overdue open intent is past its next try; 0: none is.", (survey) => {
    return survey.intentsOverdueMs / 1_000;
  }),
  gauge("gateway_counts_pending", "Counts still to be written to Kubernetes.", ({ countsPending }) => countsPending),
  gauge("gateway_counts_overdue_seconds", "How far the most overdue of them is past its time; 0: none is.", ({ countsOverdueMs }) => {
    return countsOverdueMs / 1_000;
  }),
  gauge("gateway_watch_last_heartbeat_seconds", "When a watch last sent a heartbeat, Unix time.", ({ heartbeatSeenMs }) => {
    return heartbeatSeenMs === null ? null : heartbeatSeenMs / 1_000;
  }),
];
