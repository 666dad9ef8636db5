/** What features are judged by, by automatic rules: lib/rules.lua of the engine has their limits. */
export const RULES = [
  "accuracy",
  "collisions",
  "api-load",
  "state-known",
  "failed-updates",
  "cost-reduction",
  "aggregation",
  "buffer-hits",
  "expirations",
  "bypassing",
] as const;
export type Rule = (typeof RULES)[number];

/** `breach`: broken beyond doubt. `pass`: kept, on enough votes. `not-enough`: not enough evidence for either. */
export const RULE_STATES = ["breach", "pass", "not-enough"] as const;
export type RuleState = (typeof RULE_STATES)[number];
