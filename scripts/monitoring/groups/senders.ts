import { grown } from "../grown.ts";
import type { RuleGroup, Time } from "../rule.ts";

/** Whether senders send what can be worked with, and are answered. */
export const senders = ({ span, seconds }: Time): RuleGroup => ({
  name: "breakwater-senders",
  rules: [
    {
      alert: "BreakwaterSourceRefused",
      severity: "warning",
      expr: `sum by (job, source, reason) (${grown('gateway_payloads_refused_total{source!="unknown"}', span("15m"))}) >= 5`,
      for: span("5m"),
      summary: "Payloads of {{ $labels.source }} are refused: {{ $labels.reason }}.",
      description: 'About {{ $value | printf "%.0f" }} within 15 minutes. What a 4xx answers is not sent again, and lost.',
    },
    {
      alert: "BreakwaterSenderUnknown",
      severity: "warning",
      expr: `sum by (job, reason) (${grown('gateway_payloads_refused_total{source="unknown"}', span("15m"))}) >= 5`,
      for: span("5m"),
      summary: "Somebody sends payloads to {{ $labels.job }} without a valid credential: {{ $labels.reason }}.",
      description: "A sender whose token is missing, or was replaced, loses its alerts.",
    },
    {
      alert: "BreakwaterAlertsTruncated",
      severity: "warning",
      expr: `max by (job, cluster) (increase(gateway_truncated_alerts_total[${span("1h")}])) > 0`,
      for: span("5m"),
      summary: "A sender leaves alerts out of its payloads for {{ $labels.cluster }}.",
      description: 'About {{ $value | printf "%.0f" }} within an hour, which Breakwater never hears of.',
    },
    {
      alert: "BreakwaterTargetsUnknown",
      severity: "warning",
      expr:
        `max by (job, cluster) (increase(gateway_targets_total{rule="unknown"}[${span("6h")}])) > 0.5 * ` +
        `max by (job, cluster) (sum without (rule) (increase(gateway_targets_total[${span("6h")}]))) and ` +
        `max by (job, cluster) (increase(gateway_targets_total{rule="unknown"}[${span("6h")}])) >= 20`,
      for: span("30m"),
      summary: "Most alerts of {{ $labels.cluster }} name no object that a remediator could touch.",
      description: 'About {{ $value | printf "%.0f" }} within six hours have the target Unknown: their requests cannot be acted upon.',
    },
    {
      alert: "BreakwaterWatchdogMissing",
      severity: "critical",
      expr: `time() - max by (job, cluster) (gateway_watchdog_last_seen_seconds) > ${seconds("150m")}`,
      for: span("5m"),
      summary: "No Watchdog has come to {{ $labels.cluster }} for {{ $value | humanizeDuration }}.",
      description: "Alertmanager, or the way from it to the gateway, is broken: other alerts do not come either.",
    },
    {
      alert: "BreakwaterAnswersSlow",
      severity: "warning",
      expr:
        `histogram_quantile(0.95, sum by (job, le) (rate(gateway_request_duration_seconds_bucket[${span("10m")}]))) > 2.5 and ` +
        `sum by (job) (increase(gateway_request_duration_seconds_count[${span("10m")}])) >= 20`,
      for: span("5m"),
      summary: 'One payload in twenty waits {{ $value | printf "%.1f" }} s or longer for its answer.',
      description: "Senders give up after some seconds, and what is answered late is sent again.",
    },
  ],
});
