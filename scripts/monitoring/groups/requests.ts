import type { AlertRule, RuleGroup, Severity, Time } from "../rule.ts";

/** Every gateway tells the same of a cluster's ledger: the largest is the latest. */
const of = (metric: string) => `max by (job, cluster) (${metric})`;

const TAKEN_LESS_ENDED =
  "gateway_conservation_taken_total - on (job, instance, cluster) " +
  "sum by (job, instance, cluster) (gateway_conservation_settled_total) - on (job, instance, cluster) " +
  "sum by (job, instance, cluster) (gateway_conservation_open)";

/** One alert is looked for by day; several are a fault that goes on. */
const conservationLost = (severity: Severity, missing: string, holds: string): AlertRule => ({
  alert: "BreakwaterConservationLost",
  severity,
  expr: `min by (job, cluster) (abs(${TAKEN_LESS_ENDED})) ${missing}`,
  for: holds,
  summary: "The ledger of {{ $labels.cluster }} cannot account for {{ $value }} alerts.",
  description: "So many more, or fewer, were accepted than have ended, wait, or are kept. An alert may be lost that was answered 2xx.",
});

const forgotten = (severity: Severity, many: string, span: Time["span"]): AlertRule => ({
  alert: "BreakwaterLedgerForgot",
  severity,
  expr: `max by (job, cluster) (increase(gateway_conservation_settled_total{outcome="lost"}[${span("1h")}])) ${many}`,
  for: span("2m"),
  summary: "Redis has lost what {{ $labels.cluster }} owed to alerts.",
  description:
    'About {{ $value | printf "%.0f" }} times within an hour Breakwater found out that something was gone which nobody had taken away.',
});

/** Whether what was accepted becomes requests in time, and none is lost on the way. */
export const requests = ({ span, seconds }: Time): RuleGroup => ({
  name: "breakwater-requests",
  rules: [
    {
      alert: "BreakwaterRequestsStuck",
      severity: "critical",
      expr: `${of("gateway_intents_oldest_seconds")} > ${seconds("2m")} and ${of("gateway_intents_open")} >= 5`,
      for: span("3m"),
      summary: "Requests of {{ $labels.cluster }} are not made: the oldest has waited {{ $value | humanizeDuration }}.",
      description: "At least five are decided on and not confirmed. Their alerts are kept and tried again, but nobody works on them yet.",
    },
    {
      alert: "BreakwaterRequestLate",
      severity: "warning",
      expr: `${of("gateway_intents_oldest_seconds")} > ${seconds("10m")}`,
      for: span("5m"),
      summary: "A request of {{ $labels.cluster }} has not been made for {{ $value | humanizeDuration }}.",
      description: "It is tried again each minute, and becomes a dead letter after a day. Mostly one namespace or one object is to blame.",
    },
    {
      alert: "BreakwaterNobodyDrains",
      severity: "critical",
      expr: `${of("gateway_intents_overdue_seconds")} > ${seconds("2m")}`,
      for: span("5m"),
      summary: "Nobody tries for requests of {{ $labels.cluster }}: one has been due for {{ $value | humanizeDuration }}.",
      description: "No gateway drains the ledger. New alerts still get their requests with their own webhook; what failed once does not.",
    },
    {
      alert: "BreakwaterNobodySweeps",
      severity: "critical",
      expr: `${of("gateway_sweep_lag_seconds")} > ${seconds("90s")}`,
      for: span("3m"),
      summary: "Nobody closes windows of {{ $labels.cluster }}: one has been due for {{ $value | humanizeDuration }}.",
      description: "Alerts that wait for others in windows get no request meanwhile.",
    },
    {
      alert: "BreakwaterTriesFail",
      severity: "warning",
      expr: `max by (job, cluster, reason) (increase(gateway_intent_failures_total[${span("15m")}])) >= 5`,
      for: span("5m"),
      summary: "Tries for requests of {{ $labels.cluster }} fail with {{ $labels.reason }}.",
      description: 'About {{ $value | printf "%.0f" }} within 15 minutes. Each is made again, for a day at most.',
    },
    {
      alert: "BreakwaterDeadLetters",
      severity: "warning",
      expr: 'sum by (job, cluster) (max by (job, cluster, kind) (gateway_dead_letters{kind!="invalid"})) > 0',
      for: span("5m"),
      summary: "{{ $value }} requests of {{ $labels.cluster }} will not be made unless a person helps.",
      description: "Kubernetes has refused them for good, or has for a day. They are dropped seven days after their alert was last seen.",
    },
    {
      alert: "BreakwaterInvalidAlerts",
      severity: "warning",
      expr: 'max by (job, cluster) (gateway_dead_letters{kind="invalid"}) > 0',
      for: span("30m"),
      summary: "{{ $labels.cluster }} keeps invalid alerts of {{ $value }} causes.",
      description: "Alerts without a name, or for namespaces that their source may not write to, get no request.",
    },
    {
      alert: "BreakwaterDeadLettersDropped",
      severity: "warning",
      expr: `max by (job, cluster, source) (increase(gateway_dead_letters_dropped_total[${span("1h")}])) > 0`,
      for: span("5m"),
      summary: "{{ $labels.source }} sends more kinds of invalid alerts to {{ $labels.cluster }} than are kept.",
      description: "It has a thousand dead letters; for each new one an old one of the namespace with most goes, unseen.",
    },
    conservationLost("warning", "> 0", span("15m")),
    conservationLost("critical", ">= 5", span("15m")),
    forgotten("warning", "> 0", span),
    forgotten("critical", ">= 5", span),
    {
      alert: "BreakwaterCountsLate",
      severity: "warning",
      expr: `${of("gateway_counts_overdue_seconds")} > ${seconds("5m")}`,
      for: span("5m"),
      summary: "Occurrences of {{ $labels.cluster }} are written late: one has been due for {{ $value | humanizeDuration }}.",
      description: "Requests show too small an occurrenceCount, and perhaps too low a severity. Nothing is lost.",
    },
    {
      alert: "BreakwaterCountsFail",
      severity: "warning",
      expr:
        `${of(`increase(gateway_crd_update_failure_total[${span("15m")}])`)} > ` +
        `${of(`increase(gateway_crd_update_success_total[${span("15m")}])`)} and ` +
        `${of(`increase(gateway_crd_update_failure_total[${span("15m")}])`)} >= 3`,
      for: span("5m"),
      summary: "Most writes of occurrences of {{ $labels.cluster }} fail.",
      description: "Requests show too small an occurrenceCount, and perhaps too low a severity. Each write is made again until it works.",
    },
    {
      alert: "BreakwaterCountsLost",
      severity: "warning",
      expr: `${of(`increase(gateway_counts_lost_total[${span("1h")}])`)} >= 10`,
      for: span("5m"),
      summary: 'About {{ $value | printf "%.0f" }} counts of {{ $labels.cluster }} were given up within an hour.',
      description: "Their requests were deleted before the count was written, or refuse it for good.",
    },
    {
      alert: "BreakwaterCollisions",
      severity: "warning",
      expr: `${of(`increase(gateway_crd_collision_errors_total[${span("15m")}])`)} >= 3`,
      for: span("5m"),
      summary: "Somebody else makes or reopens requests of {{ $labels.cluster }}.",
      description: 'Some {{ $value | printf "%.0f" }} requests were taken back within 15 minutes, as another of their problem was there.',
    },
  ],
});
