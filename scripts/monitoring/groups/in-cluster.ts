import type { RuleGroup, Time } from "../rule.ts";

/** Whether Kubernetes and Redis can be relied on, as proxies and bridges see it that stand right before them. */
export const inCluster = ({ span }: Time): RuleGroup => ({
  name: "breakwater-in-cluster",
  rules: [
    {
      alert: "BreakwaterWatchDisconnected",
      severity: "warning",
      expr: "proxy_watch_connected == 0",
      for: span("5m"),
      summary: "The proxy {{ $labels.instance }} has no watch on Kubernetes.",
      description: "It tells the ledger of no change. If no other proxy does, repeats ask Kubernetes.",
    },
    {
      alert: "BreakwaterKubernetesFails",
      severity: "warning",
      expr:
        `sum by (job) (increase(proxy_kubernetes_requests_total{code=~"none|401|403|429|5.."}[${span("10m")}])) > 0.5 * ` +
        `sum by (job) (increase(proxy_kubernetes_requests_total[${span("10m")}])) and ` +
        `sum by (job) (increase(proxy_kubernetes_requests_total{code=~"none|401|403|429|5.."}[${span("10m")}])) >= 10`,
      for: span("5m"),
      summary: "Most calls of the proxies of {{ $labels.job }} to Kubernetes fail.",
      description: "Requests are made late, and counts written late, until it answers.",
    },
    {
      alert: "BreakwaterDirectCountsWaiting",
      severity: "warning",
      expr: "proxy_counts_unwritten > 0",
      for: span("15m"),
      summary: "The proxy {{ $labels.instance }} keeps {{ $value }} counts in memory only.",
      description: "They were decided without the ledger, and are lost if the process is killed before Kubernetes takes them.",
    },
    {
      alert: "BreakwaterRedisDown",
      severity: "critical",
      expr: "max by (job) (bridge_redis_up) == 0",
      for: span("5m"),
      summary: "No bridge of {{ $labels.job }} reaches Redis.",
      description: "Alerts go straight to Kubernetes: none is lost, but each makes a request of its own, in a storm thousands.",
    },
    {
      alert: "BreakwaterRedisMemory",
      severity: "warning",
      expr: "max by (job) (bridge_redis_memory_used_ratio) > 0.85",
      for: span("10m"),
      summary: "Redis of {{ $labels.job }} has used {{ $value | humanizePercentage }} of its memory.",
      description: "At 100 % it takes no write, and alerts go straight to Kubernetes.",
    },
    {
      alert: "BreakwaterRedisEvicts",
      severity: "critical",
      expr: "max by (job) (bridge_redis_evicts) == 1",
      for: span("5m"),
      summary: "Redis of {{ $labels.job }} may drop keys when its memory is full.",
      description: "What it drops is forgotten without a trace: open intents, windows, dead letters.",
    },
  ],
});
