import { grown } from "../grown.ts";
import type { RuleGroup, Time } from "../rule.ts";

/** Whether what gateways rely on can be relied on, as they see it. */
export const dependencies = ({ span, seconds }: Time): RuleGroup => ({
  name: "breakwater-dependencies",
  rules: [
    {
      alert: "BreakwaterBreakerOpen",
      severity: "warning",
      expr: "max by (job, dependency, cluster) (gateway_breaker_open) == 1",
      for: span("5m"),
      summary: "A gateway of {{ $labels.job }} does without {{ $labels.dependency }}{{ with $labels.cluster }} of {{ . }}{{ end }}.",
      description: "Too many of its calls have failed for five minutes. It probes each 5 s, and asks again once a probe works.",
    },
    {
      alert: "BreakwaterDirectMode",
      severity: "warning",
      expr: `sum by (job, cluster) (${grown("gateway_direct_alerts_total", span("10m"))}) >= 5`,
      for: span("5m"),
      summary: "Alerts of {{ $labels.cluster }} are decided without the ledger.",
      description: 'About {{ $value | printf "%.0f" }} within ten minutes. None is lost, and none is folded into a storm.',
    },
    {
      alert: "BreakwaterRelaySilent",
      severity: "warning",
      expr: `time() - max by (job, cluster) (gateway_watch_last_heartbeat_seconds) > ${seconds("15m")}`,
      for: span("5m"),
      summary: "No proxy has vouched for the requests of {{ $labels.cluster }} for {{ $value | humanizeDuration }}.",
      description: "Repeats are decided by looks at Kubernetes instead, up to one each 30 s and problem.",
    },
    {
      alert: "BreakwaterBufferNearlyFull",
      severity: "warning",
      expr: "max by (job, cluster) (gateway_storm_buffer_nearly_full) == 1",
      for: span("2m"),
      summary: "The windows of {{ $labels.cluster }}, or of a namespace in it, are nearly full.",
      description: "Beyond that alerts pass them by, each with a request of its own.",
    },
    {
      alert: "BreakwaterBufferBypassed",
      severity: "warning",
      expr: `max by (job, cluster) (increase(gateway_storm_buffer_bypasses_total[${span("15m")}])) > 0`,
      for: span("1m"),
      summary: "Alerts of {{ $labels.cluster }} pass full windows by.",
      description: 'About {{ $value | printf "%.0f" }} within 15 minutes got requests of their own which might have shared one.',
    },
    {
      alert: "BreakwaterRedisTrouble",
      severity: "critical",
      expr: "max by (job, trouble) (gateway_redis_trouble) == 1",
      for: span("5m"),
      summary: "Redis cannot do its work until somebody changes settings: {{ $labels.trouble }}.",
      description: "Waiting does not mend it. Alerts go straight to Kubernetes meanwhile, and no storm is folded.",
    },
  ],
});
