/** What a window's rules may be, in the table and in a STORM_RULE_<NAME> alike. */
export const WINDOW_BOUNDS = {
  threshold: { min: 2, max: 20 },
  firstRequestSeconds: { min: 1, max: 600 },
  joinSeconds: { min: 1, max: 86_400 },
} as const;
