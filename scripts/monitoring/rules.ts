import { dependencies } from "./groups/dependencies.ts";
import { features } from "./groups/features.ts";
import { inCluster } from "./groups/in-cluster.ts";
import { objectives } from "./groups/objectives.ts";
import { presence } from "./groups/presence.ts";
import { requests } from "./groups/requests.ts";
import { senders } from "./groups/senders.ts";
import { type AlertRule, isAlert, type RecordingRule, RUNBOOKS, type RuleGroup, type Time, timeDividedBy } from "./rule.ts";

/** Every rule, in the order of the files that are made from them. */
export const ruleGroups = (time: Time = timeDividedBy(1)): readonly RuleGroup[] =>
  [presence, requests, senders, features, dependencies, inCluster, objectives].map((group) => group(time));

/** The anchor that pages give a heading of this name. */
export const anchorOf = (alert: string): string => alert.toLowerCase();

/** As Prometheus reads a file of rules. */
export const rulesFile = (groups: readonly RuleGroup[]) => ({
  groups: groups.map(({ name, rules }) => ({ name, rules: rules.map(spelledOut) })),
});

function spelledOut(rule: AlertRule | RecordingRule) {
  if (!isAlert(rule)) return rule;
  const { alert, expr, severity, labels, summary, description } = rule;
  return {
    alert,
    expr,
    for: rule.for,
    labels: { severity, ...labels },
    annotations: { summary, description, runbook_url: `${RUNBOOKS}#${anchorOf(alert)}` },
  };
}
