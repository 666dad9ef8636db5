import { added, counted, grown, held, type Panel, type Query, type Row, within } from "./panel.ts";

const lines = (title: string, unit: Panel["unit"], ...queries: readonly Query[]): Panel => ({ title, kind: "lines", unit, queries });
const stacked = (title: string, unit: Panel["unit"], ...queries: readonly Query[]): Panel => ({ title, kind: "stacked", unit, queries });
const stat = (title: string, unit: Panel["unit"], expr: string): Panel => ({ title, kind: "stat", unit, queries: [{ expr, legend: "" }] });
const query = (expr: string, legend: string): Query => ({ expr, legend });

/** What is there only once it has happened is nothing until then. */
const orNone = (expr: string): string => `${expr} or vector(0)`;

const requestBuckets = "gateway_alert_to_request_seconds_bucket";
const answerBuckets = "gateway_request_duration_seconds_bucket";

const traffic: Row = {
  title: "Traffic and outcomes",
  panels: [
    stacked(
      "Alerts by source",
      "cps",
      query(`sum by (source) (${counted("gateway_alert_outcomes_total", "source", "outcome", "rung")})`, "{{source}}"),
    ),
    stacked(
      "Alerts by outcome",
      "cps",
      query(`sum by (outcome) (${counted("gateway_alert_outcomes_total", "source", "outcome", "rung")})`, "{{outcome}}"),
    ),
    stacked(
      "Alerts by how their state was known",
      "cps",
      query(`sum by (rung) (${counted("gateway_alert_outcomes_total", "source", "outcome", "rung")})`, "{{rung}}"),
    ),
    stacked("Answers by status", "reqps", query(added("gateway_answers_total", "status"), "{{status}}")),
    lines(
      "Time to an answer",
      "s",
      ...[0.5, 0.95, 0.99].map((quantile) => query(within(quantile, added(answerBuckets, "le")), `P${quantile * 100}`)),
    ),
    stacked(
      "Refused payloads",
      "reqps",
      query(orNone(added("gateway_payloads_refused_total", "source", "reason")), "{{source}} {{reason}}"),
    ),
    stacked("What alerts are about, by rule", "cps", query(counted("gateway_targets_total", "rule"), "{{rule}}")),
    lines(
      "Alerts that senders write badly",
      "cps",
      query(counted("gateway_truncated_alerts_total"), "left out"),
      query(counted("gateway_unknown_severities_total"), "severity unknown"),
      query(counted("gateway_unreadable_times_total"), "start unreadable"),
    ),
  ],
};

const saved: Row = {
  title: "What was saved",
  panels: [
    stat("Alerts", "short", grown("gateway_alerts_received_total")),
    stat("Requests", "short", grown("gateway_crds_created_total")),
    stat("Alerts for one request", "short", `${grown("gateway_alerts_received_total")} / ${grown("gateway_crds_created_total")}`),
    stat("Storms", "short", grown("gateway_storm_aggregated_crds_total")),
    lines(
      "Alerts and requests",
      "cps",
      query(counted("gateway_alerts_received_total"), "alerts"),
      query(counted("gateway_crds_created_total"), "requests"),
      query(counted("gateway_crds_found_total"), "requests found in Kubernetes"),
      query(counted("gateway_storm_aggregated_crds_total"), "requests of storms"),
    ),
    lines(
      "Repeats",
      "cps",
      query(counted("gateway_deduplication_cache_hits_total"), "repeats"),
      query(counted("gateway_deduplication_cache_misses_total"), "new"),
      query(counted("gateway_crd_state_cache_hits_total"), "state remembered"),
      query(counted("gateway_crd_state_cache_misses_total"), "state asked for"),
    ),
  ],
};

const windows: Row = {
  title: "Windows",
  panels: [
    lines("Alerts that wait", "short", query(held("gateway_storm_buffered_alerts"), "{{cluster}}")),
    lines(
      "Room taken",
      "percentunit",
      query(held("gateway_storm_buffer_fill_ratio"), "{{cluster}}"),
      query(held("gateway_storm_buffer_nearly_full"), "{{cluster}} nearly full"),
    ),
    lines(
      "What becomes of windows",
      "cps",
      query(counted("gateway_storm_buffer_misses_total"), "opened"),
      query(counted("gateway_storm_buffer_hits_total"), "joined"),
      query(counted("gateway_storm_detected_total"), "storms"),
      query(counted("gateway_storm_buffer_expirations_total"), "below the threshold"),
      query(counted("gateway_storm_buffer_bypasses_total"), "passed by"),
    ),
    lines("Overdue windows", "s", query(held("gateway_sweep_lag_seconds"), "{{cluster}}")),
  ],
};

const freshness: Row = {
  title: "Freshness",
  panels: [
    lines(
      "From an alert to its request",
      "s",
      ...[0.5, 0.95].map((quantile) =>
        query(within(quantile, `sum by (le, kind) (${counted(requestBuckets, "le", "kind")})`), `{{kind}} P${quantile * 100}`),
      ),
    ),
    lines("Since a proxy last vouched for requests", "s", query(`time() - ${held("gateway_watch_last_heartbeat_seconds")}`, "{{cluster}}")),
    lines("Since the last Watchdog", "s", query(`time() - ${held("gateway_watchdog_last_seen_seconds")}`, "{{cluster}}")),
    lines("Open requests", "short", query(held("gateway_intents_open"), "open"), query(held("gateway_counts_pending"), "counts to write")),
    lines(
      "How late",
      "s",
      query(held("gateway_intents_oldest_seconds"), "oldest open request"),
      query(held("gateway_intents_overdue_seconds"), "next try"),
      query(held("gateway_counts_overdue_seconds"), "count to write"),
    ),
  ],
};

const kubernetes: Row = {
  title: "Kubernetes",
  panels: [
    stacked("Requests to the API server", "reqps", query(added("proxy_kubernetes_requests_total", "operation"), "{{operation}}")),
    stacked("Its answers", "reqps", query(added("proxy_kubernetes_requests_total", "code"), "{{code}}")),
    stacked("Operations of proxies", "reqps", query(added("proxy_operations_total", "kind", "outcome"), "{{kind}} {{outcome}}")),
    lines(
      "Counts written",
      "cps",
      query(counted("gateway_crd_update_success_total"), "written"),
      query(counted("gateway_crd_update_failure_total"), "to be tried again"),
      query(counted("gateway_counts_lost_total"), "given up"),
    ),
    lines(
      "Proxies",
      "short",
      query("proxy_watch_connected", "{{instance}} watches"),
      query("proxy_counts_unwritten", "{{instance}} counts in memory"),
    ),
  ],
};

/** By each gateway for itself: what two of them tell is of two moments. */
const unaccounted = `max by (cluster) (gateway_conservation_taken_total{cluster=~"$cluster"}${["settled_total", "open"]
  .map((side) => ` - on (job, instance, cluster) sum by (job, instance, cluster) (gateway_conservation_${side})`)
  .join("")})`;

const faults: Row = {
  title: "Faults",
  panels: [
    lines("Open breakers", "short", query("max by (dependency, cluster) (gateway_breaker_open)", "{{dependency}} {{cluster}}")),
    lines(
      "Decided without the ledger",
      "cps",
      query(added("gateway_direct_alerts_total", "cluster", "outcome"), "{{cluster}} {{outcome}}"),
    ),
    lines("Failed tries", "cps", query(orNone(counted("gateway_intent_failures_total", "reason")), "{{reason}}")),
    lines(
      "Dead letters",
      "short",
      query(held("gateway_dead_letters", "kind"), "{{kind}}"),
      query(orNone(grown("gateway_dead_letters_dropped_total")), "dropped"),
    ),
    lines("Oldest dead letter", "s", query(held("gateway_dead_letters_oldest_seconds"), "{{cluster}}")),
    lines(
      "Quarantined, and collisions",
      "cps",
      query(counted("gateway_alerts_quarantined_total"), "quarantined"),
      query(counted("gateway_crd_collision_errors_total"), "collisions"),
    ),
    lines("Alerts that nobody can account for", "short", query(unaccounted, "{{cluster}}")),
    stacked("Where alerts are that are not settled", "short", query(held("gateway_conservation_open", "place"), "{{place}}")),
    lines(
      "Redis",
      "short",
      query("max by (instance) (bridge_redis_up)", "{{instance}} reaches it"),
      query("max(bridge_redis_evicts)", "may evict"),
      query(orNone("max by (trouble) (gateway_redis_trouble)"), "{{trouble}}"),
      query(held("gateway_ledger_up"), "{{cluster}} read"),
    ),
    lines("Memory of Redis", "percentunit", query("max(bridge_redis_memory_used_ratio)", "used")),
    stacked("Commands through bridges", "reqps", query(added("bridge_commands_total", "answer"), "{{answer}}")),
    lines("Processes", "short", query("count by (role, version) (breakwater_build_info)", "{{role}} {{version}}")),
  ],
};

const features: Row = {
  title: "Features for some",
  panels: [
    lines("Share of the namespaces that have a feature", "percentunit", query(held("gateway_feature_share", "feature"), "{{feature}}")),
    lines(
      "Alerts with (on) and without (off) a feature",
      "cps",
      query(
        `sum by (feature, arm, outcome) (${counted("gateway_feature_alerts_total", "feature", "arm", "outcome")})`,
        "{{feature}} {{arm}}: {{outcome}}",
      ),
    ),
    lines(
      "Rules that do not pass",
      "short",
      query(
        `${held("gateway_canary_rule_state", "feature", "rule", "state")} unless on (cluster, rule) gateway_canary_rule_state{state="pass"}`,
        "{{rule}}: {{state}}",
      ),
      query(orNone(`${held("gateway_canary_rule_blind", "rule")} == 1`), "{{rule}}: blind"),
    ),
    stacked("Votes of rules", "cps", query(orNone(counted("gateway_canary_votes_total", "rule")), "{{rule}}")),
    lines(
      "Features that a rule has turned off",
      "short",
      query(orNone(held("gateway_canary_rolled_back", "feature", "rule")), "{{feature}} {{rule}}"),
    ),
    stat("Times that a rule turned a feature off", "short", orNone(grown("gateway_canary_rollbacks_total"))),
  ],
};

/** What the dashboard shows, row by row. */
export const ROWS: readonly Row[] = [traffic, saved, windows, freshness, kubernetes, features, faults];
