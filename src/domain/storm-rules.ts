import type { Alert } from "./alert.ts";
import { matchesPattern } from "./pattern.ts";
import type { Severity } from "./remediation-request.ts";
import type { WindowRules } from "./window-rules.ts";

/** Which alerts a rule is for: those that all it names fit. Patterns hold `*`; null: any. */
export interface StormMatch {
  readonly namespace: string | null;
  readonly alertname: string | null;
  readonly severity: Severity | null;
}

/** What an operator wants for some alerts. */
export interface StormRule {
  readonly name: string;
  readonly match: StormMatch;
  /** Null: they pass at once. */
  readonly windowRules: WindowRules | null;
}

/** How alerts are folded into storms. */
export interface StormPolicy {
  /** The settings give it some share of the namespaces; which ones have it, the ledger decides. */
  readonly enabled: boolean;
  /** For alerts that no rule is for. */
  readonly defaults: WindowRules;
  /** The first that fits decides. */
  readonly rules: readonly StormRule[];
}

export interface StormDecision {
  /** Name of the rule that decided; null: none did. */
  readonly rule: string | null;
  /** Null: the alert passes at once. */
  readonly windowRules: WindowRules | null;
}

type Judged = Pick<Alert, "namespace" | "name" | "severity">;

/** Under which rules an alert may wait for others of its group. While storms are off no rule is asked. */
export function judgeStorm({ enabled, defaults, rules }: StormPolicy, alert: Judged): StormDecision {
  if (!enabled) return { rule: null, windowRules: null };
  const rule = rules.find(({ match }) => fits(match, alert));
  return rule ? { rule: rule.name, windowRules: rule.windowRules } : { rule: null, windowRules: defaults };
}

/** The rules of each alert under one policy, as flows ask for them. */
export const windowRulesBy =
  (policy: StormPolicy) =>
  (alert: Judged): WindowRules | null =>
    judgeStorm(policy, alert).windowRules;

/** The shortest time that an alert may wait in a window; infinite while storms are off. */
export const shortestWindowMs = ({ enabled, defaults, rules }: StormPolicy): number =>
  enabled
    ? Math.min(
        ...[defaults, ...rules.map(({ windowRules }) => windowRules)].map((each) => each?.firstRequestMs ?? Number.POSITIVE_INFINITY),
      )
    : Number.POSITIVE_INFINITY;

const fits = (match: StormMatch, { namespace, name, severity }: Judged): boolean =>
  (match.severity === null || match.severity === severity) &&
  (match.namespace === null || matchesPattern(match.namespace, namespace)) &&
  (match.alertname === null || matchesPattern(match.alertname, name));
