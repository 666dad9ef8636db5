/** When the alerts of a group become one request; times in ms. A window keeps the rules it was opened under. */
export interface WindowRules {
  /** Distinct fingerprints that make a storm. */
  readonly threshold: number;
  /** From a window's first alert to the requests of its members, should it stay below the threshold. */
  readonly firstRequestMs: number;
  /** A storm takes alerts until none has joined for so long. */
  readonly joinMs: number;
}
