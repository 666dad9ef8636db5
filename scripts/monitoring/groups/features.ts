import type { RuleGroup, Time } from "../rule.ts";

/** Whether features do as they should, by the rules that gateways judge them by. */
export const features = ({ span }: Time): RuleGroup => ({
  name: "breakwater-features",
  rules: [
    {
      alert: "BreakwaterFeatureRolledBack",
      severity: "warning",
      expr: "max by (job, cluster, feature, rule) (gateway_canary_rolled_back) == 1",
      for: span("1m"),
      summary: "The rule {{ $labels.rule }} has turned {{ $labels.feature }} of {{ $labels.cluster }} off.",
      description: "Beyond doubt it did harm. Alerts are decided without it, until a person acknowledges the rule and turns it on again.",
    },
    {
      alert: "BreakwaterRuleBlind",
      severity: "warning",
      expr: "max by (job, cluster, rule) (gateway_canary_rule_blind) == 1",
      for: span("15m"),
      summary: "The rule {{ $labels.rule }} cannot judge its feature in {{ $labels.cluster }}.",
      description: "It meets its units, and is not told what it measures of them. Until it is, it turns nothing off, whatever happens.",
    },
  ],
});
