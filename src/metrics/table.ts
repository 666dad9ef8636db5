// Every metric of every role, with what the docs, the dashboard and the checks of both say of it. What is exposed takes its name, its help and its type
// from the headings; nothing that runs reads the rest.

import { FEATURES } from "../domain/feature.ts";
import { OUTCOMES, RUNGS } from "../domain/outcome.ts";
import { RULE_STATES, RULES } from "../domain/rule.ts";
import { TROUBLES } from "../domain/trouble.ts";
import { LETTER_KINDS, PLACES, REQUEST_KINDS, SETTLED } from "../ports/ledger.ts";
import { BREAKERS } from "./breakers.ts";
import { BRIDGE_ANSWERS, BRIDGE_HEADINGS } from "./bridge-metrics.ts";
import { BUILD_INFO } from "./build-info.ts";
import { CATALOGUE } from "./catalogue.ts";
import type { Heading } from "./family-text.ts";
import { LEDGER_HELPS } from "./ledger-helps.ts";
import { LEDGER_UP, REDIS_TROUBLE } from "./ledger-state.ts";
import { OWN_HEADINGS } from "./own-metrics.ts";
import { KUBERNETES_OPERATIONS, PROXY_HEADINGS } from "./proxy-metrics.ts";

/** A label's values where they are a closed list, else where they come from. */
type Values = readonly string[] | string;

interface Detail {
  readonly unit: "alerts" | "requests" | "seconds" | "1" | string;
  readonly labels?: Readonly<Record<string, Values>>;
  /** What moves it: a script of the ledger, a process, a proxy or a bridge. */
  readonly movedBy: string;
}

/** A metric. */
export interface Row extends Heading, Detail {
  readonly labels: Readonly<Record<string, Values>>;
  readonly roles: readonly string[];
}

const CLUSTER = { cluster: "the clusters of the settings" };
const SOURCE = { source: "the sources of the settings" };
const SENDER = { source: "the sources of the settings, `unknown` where no token proves one" };

/** Why a payload is refused: the codes of the problems that its sender reads. */
export const REFUSALS = [
  ...["unauthorized", "host-forbidden", "query-invalid", "content-type-unsupported", "encoding-unsupported"],
  ...["empty", "utf8-invalid", "too-deep", "json-invalid", "duplicate-key", "body-cut", "encoding-invalid", "payload-unexpected"],
  ...["idempotency-key-invalid", "idempotency-key-reused"],
  ...["body-too-large", "values-too-many", "alerts-too-many", "no-room", "body-late", "rate", "overloaded"],
  ...["ledger-unavailable", "ledger-unreplicated", "ledger-refused", "ledger-reply-invalid"],
  ...["writer-unavailable", "writer-unauthorized", "writer-refused", "writer-overfilled", "writer-reply-invalid", "unavailable"],
];

const REDIS_TROUBLES = [
  ...["wrong-credentials", "credentials-missing", "credentials-not-asked-for", "rights-missing", "no-such-database", "redis-cluster"],
  ...["read-only-replica", "redis-full", "wrong-engine", "command-missing", "certificate-not-trusted", "no-tls-spoken"],
  ...["unknown-to-sentinels", "sentinel-wrong-credentials", "sentinel-credentials-missing", "sentinel-rights-missing"],
  "maxmemory-policy",
];

const GATEWAY: readonly string[] = ["gateway", "all"];
const EVERY: readonly string[] = ["gateway", "all", "proxy", "bridge"];

/** Of what ledgers count; each has the label `cluster` beside these. */
const LEDGER_DETAILS: Readonly<Record<string, Detail>> = {
  gateway_alerts_received_total: { unit: "alerts", movedBy: "ledger: admit" },
  gateway_crds_created_total: { unit: "requests", movedBy: "ledger: admit, fact" },
  gateway_crds_found_total: { unit: "requests", movedBy: "ledger: admit, fact" },
  gateway_deduplication_cache_hits_total: { unit: "alerts", movedBy: "ledger: admit" },
  gateway_deduplication_cache_misses_total: { unit: "alerts", movedBy: "ledger: admit" },
  gateway_crd_state_cache_hits_total: { unit: "alerts", movedBy: "ledger: admit" },
  gateway_crd_state_cache_misses_total: { unit: "looks", movedBy: "ledger: admit" },
  gateway_alerts_quarantined_total: { unit: "alerts", movedBy: "ledger: admit" },
  gateway_crd_update_success_total: { unit: "writes", movedBy: "ledger: settle" },
  gateway_crd_update_failure_total: { unit: "writes", movedBy: "ledger: settle" },
  gateway_counts_lost_total: { unit: "counts", movedBy: "ledger: settle, admit, fact" },
  gateway_crd_collision_errors_total: { unit: "requests", movedBy: "ledger: admit, fact, settle" },
  gateway_truncated_alerts_total: { unit: "alerts", movedBy: "ledger: admit" },
  gateway_unknown_severities_total: { unit: "alerts", movedBy: "ledger: admit" },
  gateway_unreadable_times_total: { unit: "alerts", movedBy: "ledger: admit" },
  gateway_storm_buffer_hits_total: { unit: "alerts", movedBy: "ledger: admit" },
  gateway_storm_buffer_misses_total: { unit: "alerts", movedBy: "ledger: admit" },
  gateway_storm_buffer_bypasses_total: { unit: "alerts", movedBy: "ledger: admit" },
  gateway_storm_buffer_expirations_total: { unit: "windows", movedBy: "ledger: sweep" },
  gateway_storm_detected_total: { unit: "storms", movedBy: "ledger: admit, sweep" },
  gateway_storm_aggregated_crds_total: { unit: "requests", movedBy: "ledger: admit, fact" },
  gateway_alert_outcomes_total: {
    unit: "alerts",
    labels: { ...SOURCE, outcome: OUTCOMES, rung: RUNGS },
    movedBy: "ledger: admit",
  },
  gateway_targets_total: {
    unit: "alerts",
    labels: { rule: "the rules of docs/targets.md, `rule:<name>` of the settings' own" },
    movedBy: "ledger: admit",
  },
  gateway_feature_alerts_total: {
    unit: "alerts",
    labels: { feature: FEATURES, arm: ["on", "off"], outcome: OUTCOMES },
    movedBy: "ledger: admit",
  },
  gateway_feature_share: { unit: "1", labels: { feature: FEATURES }, movedBy: "ledger: read" },
  gateway_canary_rule_state: { unit: "1", labels: { feature: FEATURES, rule: RULES, state: RULE_STATES }, movedBy: "ledger: due" },
  gateway_canary_rule_blind: { unit: "1", labels: { rule: RULES }, movedBy: "ledger: due" },
  gateway_canary_votes_total: { unit: "votes", labels: { rule: RULES }, movedBy: "ledger: due" },
  gateway_canary_rolled_back: { unit: "1", labels: { feature: FEATURES, rule: RULES }, movedBy: "ledger: due, setFlag" },
  gateway_canary_rollbacks_total: { unit: "rollbacks", labels: { feature: FEATURES, rule: RULES }, movedBy: "ledger: due" },
  gateway_intents_open: { unit: "requests", movedBy: "ledger: read" },
  gateway_intents_oldest_seconds: { unit: "seconds", movedBy: "ledger: read" },
  gateway_intent_failures_total: { unit: "tries", labels: { reason: TROUBLES }, movedBy: "ledger: settle" },
  gateway_dead_letters: { unit: "letters", labels: { kind: LETTER_KINDS }, movedBy: "ledger: read" },
  gateway_dead_letters_oldest_seconds: { unit: "seconds", movedBy: "ledger: read" },
  gateway_dead_letters_dropped_total: { unit: "letters", labels: SOURCE, movedBy: "ledger: admit" },
  gateway_storm_buffered_alerts: { unit: "alerts", movedBy: "ledger: read" },
  gateway_storm_buffer_fill_ratio: { unit: "1", movedBy: "ledger: read" },
  gateway_storm_buffer_nearly_full: { unit: "1", movedBy: "ledger: read" },
  gateway_watchdog_last_seen_seconds: { unit: "seconds", movedBy: "ledger: admit" },
  gateway_alert_to_request_seconds: { unit: "seconds", labels: { kind: REQUEST_KINDS }, movedBy: "ledger: admit, fact" },
  gateway_conservation_taken_total: { unit: "obligations", movedBy: "ledger: admit, fact, settle, sweep, replay" },
  gateway_conservation_settled_total: {
    unit: "obligations",
    labels: { outcome: SETTLED },
    movedBy: "ledger: admit, fact, settle, sweep, discard, lease, read",
  },
  gateway_conservation_open: { unit: "obligations", labels: { place: PLACES }, movedBy: "ledger: read" },
  gateway_sweep_lag_seconds: { unit: "seconds", movedBy: "ledger: read" },
  gateway_intents_overdue_seconds: { unit: "seconds", movedBy: "ledger: read" },
  gateway_counts_pending: { unit: "counts", movedBy: "ledger: read" },
  gateway_counts_overdue_seconds: { unit: "seconds", movedBy: "ledger: read" },
  gateway_watch_last_heartbeat_seconds: { unit: "seconds", movedBy: "ledger: heartbeat" },
};

const PROCESS_DETAILS: Readonly<Record<string, Detail>> = {
  gateway_ledger_up: { unit: "1", labels: CLUSTER, movedBy: "process: read" },
  gateway_redis_trouble: { unit: "1", labels: { trouble: REDIS_TROUBLES }, movedBy: "process: read, a look at Redis at most each 10 s" },
  gateway_breaker_open: { unit: "1", labels: { dependency: ["redis", "proxy"], ...CLUSTER }, movedBy: "process" },
  gateway_answers_total: { unit: "answers", labels: { ...SENDER, status: "HTTP status codes" }, movedBy: "process" },
  gateway_payloads_refused_total: { unit: "payloads", labels: { ...SENDER, reason: REFUSALS }, movedBy: "process" },
  gateway_direct_alerts_total: { unit: "alerts", labels: { ...CLUSTER, outcome: OUTCOMES }, movedBy: "process" },
  gateway_request_duration_seconds: { unit: "seconds", movedBy: "process" },
};

const PROXY_DETAILS: Readonly<Record<string, Detail>> = {
  proxy_kubernetes_requests_total: {
    unit: "requests",
    labels: { operation: KUBERNETES_OPERATIONS, code: "HTTP status codes, `none` where no answer came" },
    movedBy: "proxy",
  },
  proxy_operations_total: {
    unit: "operations",
    labels: {
      kind: ["ensure", "ensure-storm", "observe", "record", "count", "resolve"],
      outcome: [
        ...["created", "existing", "storm-created", "storm-adopted", "storm-held", "observed", "recorded", "counted", "resolved"],
        ...["absent", "gone", "pending", "refused", "failed"],
      ],
    },
    movedBy: "proxy",
  },
  proxy_watch_connected: { unit: "1", movedBy: "proxy" },
  proxy_counts_unwritten: { unit: "objects", movedBy: "proxy" },
};

const BRIDGE_DETAILS: Readonly<Record<string, Detail>> = {
  bridge_commands_total: { unit: "commands", labels: { answer: BRIDGE_ANSWERS }, movedBy: "bridge" },
  bridge_redis_up: { unit: "1", movedBy: "bridge: a look at Redis at most each 10 s" },
  bridge_redis_memory_used_ratio: { unit: "1", movedBy: "bridge: the same look" },
  bridge_redis_evicts: { unit: "1", movedBy: "bridge: the same look" },
};

const EVERY_ROLES_DETAILS: Readonly<Record<string, Detail>> = {
  breakwater_build_info: { unit: "1", labels: { role: EVERY, version: "the version of the image" }, movedBy: "process" },
};

function rows(headings: readonly Heading[], details: Readonly<Record<string, Detail>>, roles: readonly string[], common = {}): Row[] {
  const strangers = Object.keys(details).filter((known) => !headings.some(({ name }) => name === known));
  if (strangers.length > 0) throw new Error(`no such metric: ${strangers.join()}`);
  return headings.map(({ name, help, type }) => {
    const detail = details[name];
    if (!detail) throw new Error(`the table says nothing of ${name}`);
    return { name, help, type, roles, ...detail, labels: { ...common, ...detail.labels } };
  });
}

const LEDGER_HEADINGS: readonly Heading[] = CATALOGUE.map(({ name, type }) => ({ name, type, help: LEDGER_HELPS[name] ?? "" }));

/** Every metric, each once. Throws where a heading has no details, or the reverse. */
export const METRICS: readonly Row[] = [
  ...rows(LEDGER_HEADINGS, LEDGER_DETAILS, GATEWAY, CLUSTER),
  ...rows([LEDGER_UP, REDIS_TROUBLE, BREAKERS, ...Object.values(OWN_HEADINGS)], PROCESS_DETAILS, GATEWAY),
  ...rows(Object.values(PROXY_HEADINGS), PROXY_DETAILS, ["proxy"]),
  ...rows(Object.values(BRIDGE_HEADINGS), BRIDGE_DETAILS, ["bridge"]),
  ...rows([BUILD_INFO], EVERY_ROLES_DETAILS, EVERY),
];
