import type { AlertRule, RuleGroup, Time } from "../rule.ts";

const COSTS = {
  gateway: "Senders are not answered: Alertmanager repeats, others lose their alerts.",
  proxy: "No request is made. What is decided waits in Redis, and without Redis senders are answered 503.",
  bridge: "Alerts go straight to Kubernetes: none is lost, but nothing is folded into storms.",
};

/** A role that Prometheus has seen within a week and sees no more. One that an installation does not have is never seen. */
function absent(role: keyof typeof COSTS, { span }: Time): AlertRule {
  // A process of the role `all` is a gateway, too.
  const info = `breakwater_build_info{role${role === "gateway" ? '=~"gateway|all"' : `="${role}"`}}`;
  return {
    alert: `Breakwater${role[0]?.toUpperCase()}${role.slice(1)}Absent`,
    severity: "critical",
    expr: `group by (job) (present_over_time(${info}[${span("7d")}])) unless group by (job) (${info})`,
    for: span("5m"),
    summary: `Prometheus sees no ${role} of {{ $labels.job }}.`,
    description: `There was one within the last seven days. ${COSTS[role]}`,
  };
}

/** Whether all processes are there, and say what they know. */
export const presence = (time: Time): RuleGroup => ({
  name: "breakwater-presence",
  rules: [
    absent("gateway", time),
    absent("proxy", time),
    absent("bridge", time),
    {
      alert: "BreakwaterProcessStale",
      severity: "warning",
      expr: `up == 0 and on (job, instance) present_over_time(breakwater_build_info[${time.span("1d")}])`,
      for: time.span("10m"),
      summary: "The process {{ $labels.instance }} of {{ $labels.job }} no longer answers Prometheus.",
      description: "It is still a target, and has answered within the last day. What it alone knows is missing from rules and dashboard.",
    },
    {
      alert: "BreakwaterLedgerUnread",
      severity: "warning",
      expr: "max by (job, cluster) (gateway_ledger_up) == 0",
      for: time.span("5m"),
      summary: "No gateway of {{ $labels.job }} can read the ledger of {{ $labels.cluster }}.",
      description: "All that the ledger counts is missing, and rules about requests, windows and dead letters are blind meanwhile.",
    },
    {
      alert: "BreakwaterVersionsDiffer",
      severity: "warning",
      expr: "count by (job, role) (group by (job, role, version) (breakwater_build_info)) > 1",
      for: time.span("30m"),
      summary: "Processes of the role {{ $labels.role }} of {{ $labels.job }} have run in {{ $value }} versions for half an hour.",
      description: "A rollout has stopped half way. One minor version apart they work together; further apart they may not.",
    },
  ],
});
