import type { RuleCase, Shapes } from "./rule-case.ts";
import { ago, gone, growth, level, rest, type Shape, step } from "./timeline.ts";

const A = 'job="breakwater",instance="10.0.0.1:8787"';
const B = 'job="breakwater",instance="10.0.0.2:8787"';
const CLUSTER = 'cluster="prod"';
const inJob = { job: "breakwater" };
const inCluster = { ...inJob, cluster: "prod" };
const ofInstance = { ...inJob, instance: "10.0.0.1:8787" };

interface Times {
  readonly within: number;
  readonly over?: number;
  readonly who?: RuleCase["who"];
  readonly severity?: RuleCase["severity"];
}

/** A gauge of a cluster's ledger, 0 at rest, that fires beyond a value. */
const gauge = (alert: string, metric: string, limit: number, times: Times): RuleCase => {
  const series = `${metric}{${A},${CLUSTER}}`;
  const to = (value: number): Shapes => ({ [series]: level(value) });
  return { alert, severity: "warning", who: inCluster, idle: to(0), above: to(limit + 1), below: [to(limit)], over: 1, ...times };
};

/** A counter that fires when it has counted so many at once. */
const counter = (alert: string, series: string, least: number, times: Times & { readonly over: number }): RuleCase => {
  const by = (count: number): Shapes => ({ [series]: step(count) });
  return { alert, severity: "warning", who: inCluster, idle: { [series]: rest }, above: by(least), below: [by(least - 1)], ...times };
};

/** A gauge that says yes or no. */
const flag = (alert: string, series: string, bad: 0 | 1, times: Times): RuleCase => {
  const to = (value: number): Shapes => ({ [series]: level(value) });
  return { alert, severity: "warning", who: inJob, idle: to(1 - bad), above: to(bad), below: [], over: 1, ...times };
};

const info = (instance: string, role: string, version = "0.3.0") =>
  `breakwater_build_info{${instance},role="${role}",version="${version}"}`;

const absent = (alert: string, role: string): RuleCase => {
  const [one, other] = [info(A, role), info(B, role)];
  const idle = { [one]: level(1), [other]: level(1) };
  const below = [{ [one]: gone }];
  return { alert, severity: "critical", who: inJob, idle, above: { [one]: gone, [other]: gone }, below, within: 6, over: 1 };
};

const UP = `up{${A}}`;
const presence: readonly RuleCase[] = [
  absent("BreakwaterGatewayAbsent", "gateway"),
  absent("BreakwaterProxyAbsent", "proxy"),
  absent("BreakwaterBridgeAbsent", "bridge"),
  {
    alert: "BreakwaterProcessStale",
    severity: "warning",
    who: ofInstance,
    idle: { [UP]: level(1), [info(A, "proxy")]: level(1) },
    above: { [UP]: level(0), [info(A, "proxy")]: gone },
    below: [{ [UP]: gone, [info(A, "proxy")]: gone }], // it was taken down, and is no target any more
    within: 11,
    over: 1,
  },
  {
    alert: "BreakwaterLedgerUnread",
    severity: "warning",
    who: inCluster,
    idle: { [`gateway_ledger_up{${A},${CLUSTER}}`]: level(1), [`gateway_ledger_up{${B},${CLUSTER}}`]: level(1) },
    above: { [`gateway_ledger_up{${A},${CLUSTER}}`]: level(0), [`gateway_ledger_up{${B},${CLUSTER}}`]: level(0) },
    below: [{ [`gateway_ledger_up{${A},${CLUSTER}}`]: level(0) }],
    within: 6,
    over: 1,
  },
  {
    alert: "BreakwaterVersionsDiffer",
    severity: "warning",
    who: { ...inJob, role: "gateway" },
    idle: { [info(A, "gateway")]: level(1), [info(B, "gateway")]: level(1), [info(B, "gateway", "0.4.0")]: gone },
    above: { [info(B, "gateway")]: gone, [info(B, "gateway", "0.4.0")]: level(1) },
    below: [{ [info(A, "gateway")]: gone, [info(B, "gateway")]: gone, [info(B, "gateway", "0.4.0")]: level(1) }],
    within: 31,
    over: 1,
  },
];

const oldest = `gateway_intents_oldest_seconds{${A},${CLUSTER}}`;
const open = `gateway_intents_open{${A},${CLUSTER}}`;
const letters = (kind: string) => `gateway_dead_letters{${A},${CLUSTER},kind="${kind}"}`;
const taken = `gateway_conservation_taken_total{${A},${CLUSTER}}`;
const settled = `gateway_conservation_settled_total{${A},${CLUSTER},outcome="request"}`;
const waiting = `gateway_conservation_open{${A},${CLUSTER},place="intent"}`;

const writes = (how: string) => `gateway_crd_update_${how}_total{${A},${CLUSTER}}`;

const lost = (severity: RuleCase["severity"], least: number): RuleCase => ({
  alert: "BreakwaterConservationLost",
  severity,
  who: inCluster,
  idle: { [taken]: rest, [settled]: rest, [waiting]: level(0) },
  above: { [taken]: step(least) },
  below: [{ [taken]: step(least - 1) }, { [taken]: step(7), [settled]: step(4), [waiting]: level(3) }],
  after: { [settled]: step(least), [taken]: rest, [waiting]: level(0) },
  within: 16,
  over: 1,
});

const requests: readonly RuleCase[] = [
  {
    alert: "BreakwaterRequestsStuck",
    severity: "critical",
    who: inCluster,
    idle: { [oldest]: level(0), [open]: level(0) },
    above: { [oldest]: level(121), [open]: level(5) },
    below: [
      { [oldest]: level(120), [open]: level(50) },
      { [oldest]: level(500), [open]: level(4) },
    ],
    within: 4,
    over: 1,
  },
  gauge("BreakwaterRequestLate", "gateway_intents_oldest_seconds", 600, { within: 6 }),
  gauge("BreakwaterNobodyDrains", "gateway_intents_overdue_seconds", 120, { within: 6, severity: "critical" }),
  gauge("BreakwaterNobodySweeps", "gateway_sweep_lag_seconds", 90, { within: 4, severity: "critical" }),
  counter("BreakwaterTriesFail", `gateway_intent_failures_total{${A},${CLUSTER},reason="quota"}`, 5, {
    within: 6,
    over: 15,
    who: { ...inCluster, reason: "quota" },
  }),
  {
    alert: "BreakwaterDeadLetters",
    severity: "warning",
    who: inCluster,
    idle: { [letters("refused")]: level(0), [letters("exhausted")]: level(0), [letters("invalid")]: level(0) },
    above: { [letters("refused")]: level(1) },
    below: [{ [letters("invalid")]: level(7) }],
    within: 6,
    over: 1,
  },
  {
    alert: "BreakwaterInvalidAlerts",
    severity: "warning",
    who: inCluster,
    idle: { [letters("refused")]: level(0), [letters("invalid")]: level(0) },
    above: { [letters("invalid")]: level(1) },
    below: [{ [letters("refused")]: level(7) }],
    within: 31,
    over: 1,
  },
  counter("BreakwaterDeadLettersDropped", `gateway_dead_letters_dropped_total{${A},${CLUSTER},source="grafana"}`, 1, {
    within: 6,
    over: 60,
    who: { ...inCluster, source: "grafana" },
  }),
  lost("warning", 1),
  lost("critical", 5),
  ...(["warning", "critical"] as const).map((severity) =>
    counter(
      "BreakwaterLedgerForgot",
      `gateway_conservation_settled_total{${A},${CLUSTER},outcome="lost"}`,
      severity === "critical" ? 5 : 1,
      {
        ...{ severity, within: 3, over: 60 },
      },
    ),
  ),
  gauge("BreakwaterCountsLate", "gateway_counts_overdue_seconds", 300, { within: 6 }),
  {
    alert: "BreakwaterCountsFail",
    severity: "warning",
    who: inCluster,
    idle: { [writes("failure")]: rest, [writes("success")]: rest },
    above: { [writes("failure")]: step(4), [writes("success")]: step(3) },
    below: [{ [writes("failure")]: step(4), [writes("success")]: step(4) }, { [writes("failure")]: step(2) }],
    within: 6,
    over: 15,
  },
  counter("BreakwaterCountsLost", `gateway_counts_lost_total{${A},${CLUSTER}}`, 10, { within: 6, over: 60 }),
  counter("BreakwaterCollisions", `gateway_crd_collision_errors_total{${A},${CLUSTER}}`, 3, { within: 6, over: 15 }),
];

const refused = (source: string) => `gateway_payloads_refused_total{${A},source="${source}",reason="rate"}`;
const targets = (rule: string) => `gateway_targets_total{${A},${CLUSTER},rule="${rule}"}`;
const took = (le: string) => `gateway_request_duration_seconds_bucket{${A},le="${le}"}`;
const payloads = (count: number, quick: number): Shapes => ({
  [took("2.5")]: step(quick),
  [took("10")]: step(count),
  [took("+Inf")]: step(count),
  [`gateway_request_duration_seconds_count{${A}}`]: step(count),
});
const seen = (metric: string, seconds: number): Shapes => ({ [`${metric}{${A},${CLUSTER}}`]: ago(seconds) });

const since = (alert: string, metric: string, seconds: number, times: Times): RuleCase => ({
  alert,
  severity: "warning",
  who: inCluster,
  idle: seen(metric, 0),
  above: seen(metric, seconds + 1),
  below: [seen(metric, seconds)],
  over: 1,
  ...times,
});

const senders: readonly RuleCase[] = [
  counter("BreakwaterSourceRefused", refused("grafana"), 5, { within: 6, over: 15, who: { ...inJob, source: "grafana", reason: "rate" } }),
  counter("BreakwaterSenderUnknown", refused("unknown"), 5, { within: 6, over: 15, who: { ...inJob, reason: "rate" } }),
  counter("BreakwaterAlertsTruncated", `gateway_truncated_alerts_total{${A},${CLUSTER}}`, 1, { within: 6, over: 60 }),
  {
    alert: "BreakwaterTargetsUnknown",
    severity: "warning",
    who: inCluster,
    idle: { [targets("unknown")]: rest, [targets("pod")]: rest },
    above: { [targets("unknown")]: step(21), [targets("pod")]: step(20) },
    below: [{ [targets("unknown")]: step(30), [targets("pod")]: step(30) }, { [targets("unknown")]: step(19) }],
    within: 31,
    over: 360,
  },
  since("BreakwaterWatchdogMissing", "gateway_watchdog_last_seen_seconds", 9_000, { within: 6, severity: "critical" }),
  {
    alert: "BreakwaterAnswersSlow",
    severity: "warning",
    who: inJob,
    idle: Object.fromEntries(Object.keys(payloads(0, 0)).map((series) => [series, rest])),
    above: payloads(20, 0),
    below: [payloads(19, 0), payloads(20, 20)],
    within: 6,
    over: 10,
  },
];

const ROLLED_BACK = `gateway_canary_rolled_back{${A},${CLUSTER},feature="storm-buffering",rule="aggregation"}`;
const SHARE = `gateway_feature_share{${A},${CLUSTER},feature="storm-buffering"}`;
const features: readonly RuleCase[] = [
  {
    alert: "BreakwaterFeatureRolledBack",
    severity: "warning",
    who: { ...inCluster, feature: "storm-buffering", rule: "aggregation" },
    idle: { [ROLLED_BACK]: gone, [SHARE]: level(1) },
    above: { [ROLLED_BACK]: level(1), [SHARE]: level(0) },
    below: [{ [SHARE]: level(0) }], // a person has turned it off
    within: 2,
    over: 1,
  },
  flag("BreakwaterRuleBlind", `gateway_canary_rule_blind{${A},${CLUSTER},rule="api-load"}`, 1, {
    within: 16,
    who: { ...inCluster, rule: "api-load" },
  }),
];

const dependencies: readonly RuleCase[] = [
  flag("BreakwaterBreakerOpen", `gateway_breaker_open{${A},dependency="redis"}`, 1, { within: 6, who: { ...inJob, dependency: "redis" } }),
  counter("BreakwaterDirectMode", `gateway_direct_alerts_total{${A},${CLUSTER},outcome="created"}`, 5, { within: 6, over: 10 }),
  since("BreakwaterRelaySilent", "gateway_watch_last_heartbeat_seconds", 900, { within: 6 }),
  flag("BreakwaterBufferNearlyFull", `gateway_storm_buffer_nearly_full{${A},${CLUSTER}}`, 1, { within: 3, who: inCluster }),
  counter("BreakwaterBufferBypassed", `gateway_storm_buffer_bypasses_total{${A},${CLUSTER}}`, 1, { within: 2, over: 15 }),
  flag("BreakwaterRedisTrouble", `gateway_redis_trouble{${A},trouble="rights-missing"}`, 1, {
    within: 6,
    severity: "critical",
    who: { ...inJob, trouble: "rights-missing" },
  }),
];

const calls = (code: string) => `proxy_kubernetes_requests_total{${A},operation="create",code="${code}"}`;
const REDIS_UP = [`bridge_redis_up{${A}}`, `bridge_redis_up{${B}}`] as const;

const parts: readonly RuleCase[] = [
  flag("BreakwaterWatchDisconnected", `proxy_watch_connected{${A}}`, 0, { within: 6, who: ofInstance }),
  {
    alert: "BreakwaterKubernetesFails",
    severity: "warning",
    who: inJob,
    idle: { [calls("503")]: rest, [calls("none")]: rest, [calls("201")]: rest },
    above: { [calls("503")]: step(5), [calls("none")]: step(6), [calls("201")]: step(10) },
    below: [{ [calls("503")]: step(10), [calls("201")]: step(10) }, { [calls("503")]: step(9) }],
    within: 6,
    over: 10,
  },
  flag("BreakwaterDirectCountsWaiting", `proxy_counts_unwritten{${A}}`, 1, { within: 16, who: ofInstance }),
  {
    alert: "BreakwaterRedisDown",
    severity: "critical",
    who: inJob,
    idle: { [REDIS_UP[0]]: level(1), [REDIS_UP[1]]: level(1) },
    above: { [REDIS_UP[0]]: level(0), [REDIS_UP[1]]: level(0) },
    below: [{ [REDIS_UP[0]]: level(0) }],
    within: 6,
    over: 1,
  },
  {
    alert: "BreakwaterRedisMemory",
    severity: "warning",
    who: inJob,
    idle: { [`bridge_redis_memory_used_ratio{${A}}`]: level(0.1) },
    above: { [`bridge_redis_memory_used_ratio{${A}}`]: level(0.86) },
    below: [{ [`bridge_redis_memory_used_ratio{${A}}`]: level(0.85) }],
    within: 11,
    over: 1,
  },
  flag("BreakwaterRedisEvicts", `bridge_redis_evicts{${A}}`, 1, { within: 6, severity: "critical" }),
];

const histogram = "gateway_alert_to_request_seconds";
const made = (shape: Shape, inTime: Shape): Shapes => ({
  [`${histogram}_count{${A},${CLUSTER},kind="lone"}`]: shape,
  [`${histogram}_bucket{${A},${CLUSTER},kind="lone",le="50"}`]: inTime,
});
const answered = (good: Shape, bad: Shape): Shapes => ({
  [`gateway_answers_total{${A},source="grafana",status="201"}`]: good,
  [`gateway_answers_total{${A},source="grafana",status="503"}`]: bad,
});

type Burn = Pick<RuleCase, "severity" | "above" | "below" | "within" | "over"> & { readonly window: string };

const burning = (alert: string, idle: Shapes, who: RuleCase["who"], burns: readonly Burn[]): RuleCase[] =>
  burns.map(({ window, ...burn }) => ({ alert, who: { ...who, window }, idle, notBefore: false, ...burn }));

const objectives: readonly RuleCase[] = [
  ...burning("BreakwaterRequestsObjective", made(rest, rest), inCluster, [
    {
      ...{ window: "1h", severity: "critical", within: 3, over: 5 },
      above: made(step(5), rest),
      below: [made(step(4), rest), made(step(100), step(86))],
    },
    {
      ...{ window: "6h", severity: "critical", within: 10, over: 30 },
      above: made(growth(10), growth(9)),
      below: [made(growth(20), growth(19))],
    },
    {
      ...{ window: "1d", severity: "warning", within: 10, over: 120 },
      above: made(growth(20), growth(19)),
      below: [made(growth(50), growth(49))],
    },
    {
      ...{ window: "3d", severity: "warning", within: 10, over: 360 },
      above: made(growth(50), growth(49)),
      below: [made(growth(200), growth(199))],
    },
  ]),
  ...burning("BreakwaterAnswersObjective", answered(rest, rest), inJob, [
    {
      ...{ window: "1h", severity: "critical", within: 3, over: 5 },
      above: answered(rest, step(5)),
      below: [answered(rest, step(4)), answered(step(1_000), step(14))],
    },
    {
      ...{ window: "6h", severity: "critical", within: 10, over: 30 },
      above: answered(growth(100), growth(1)),
      below: [answered(growth(200), growth(1))],
    },
    {
      ...{ window: "1d", severity: "warning", within: 10, over: 120 },
      above: answered(growth(200), growth(1)),
      below: [answered(growth(500), growth(1))],
    },
    {
      ...{ window: "3d", severity: "warning", within: 10, over: 360 },
      above: answered(growth(500), growth(1)),
      below: [answered(growth(2_000), growth(1))],
    },
  ]),
];

/** Of every rule, by the group that it is in. */
export const CASES: Readonly<Record<string, readonly RuleCase[]>> = {
  "breakwater-presence": presence,
  "breakwater-requests": requests,
  "breakwater-senders": senders,
  "breakwater-features": features,
  "breakwater-dependencies": dependencies,
  "breakwater-in-cluster": parts,
  "breakwater-objectives": objectives,
};
