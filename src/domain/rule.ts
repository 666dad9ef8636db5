import { FEATURES, type Feature } from "./feature.ts";

/** What each feature is judged by, by automatic rules. The engine's lib/rules.lua has their limits. */
export const RULES_OF = {
  "state-based-dedup": ["accuracy", "collisions", "api-load", "state-known", "failed-updates"],
  "storm-buffering": ["cost-reduction", "aggregation", "buffer-hits", "expirations", "bypassing"],
} as const satisfies Readonly<Record<Feature, readonly string[]>>;
export type Rule = (typeof RULES_OF)[Feature][number];

export const RULES: readonly Rule[] = FEATURES.flatMap((feature): readonly Rule[] => RULES_OF[feature]);

/** The feature that a rule turns off. */
export const featureOf = (rule: Rule): Feature =>
  FEATURES.find((feature) => (RULES_OF[feature] as readonly Rule[]).includes(rule)) as Feature;

/** `breach`: broken beyond doubt. `pass`: kept, on enough votes. `not-enough`: not enough evidence for either. */
export const RULE_STATES = ["breach", "pass", "not-enough"] as const;
export type RuleState = (typeof RULE_STATES)[number];
