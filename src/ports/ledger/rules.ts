import type { Feature } from "../../domain/feature.ts";
import type { Rule, RuleState as State } from "../../domain/rule.ts";

/** What was counted of namespaces that have a feature, or of those that have not. */
export interface ArmSight {
  /** Minutes that had a vote, and units in them, since the feature's share last changed. */
  readonly votes: number;
  readonly units: number;
  /** Mean of the votes within the rule's window, 0 to 1; null: there are none. */
  readonly mean: number | null;
}

/** What a rule goes by, as it stood when it was last judged. */
interface Judged extends ArmSight {
  /** Of the mean, 0 to 1. */
  readonly limit: number;
  readonly windowMinutes: number;
  readonly state: State;
  /** A rollback takes EVIDENCE_LEAST. */
  readonly evidence: number;
}

/** The short of it. */
export type RuleState = Pick<RuleSight, "feature" | "rule" | "state" | "blind">;

/** How a rule stands. What is not under `off` is of namespaces that have the feature. */
export interface RuleSight extends Judged {
  readonly feature: Feature;
  readonly rule: Rule;
  /** Since its last vote it has met VOTES_LEAST units or more, and was not told what it measures of them. */
  readonly blind: boolean;
  readonly off: ArmSight;
  /** Fingerprints of the last alerts that it was broken for, at most PROOFS_MAX. */
  readonly proof: readonly string[];
}

/** Why a rule has turned a feature off, as it stood then. `proof`: alerts whose receipts show it. */
export interface Rollback extends Judged {
  readonly rule: Rule;
  readonly atMs: number;
  readonly proof: readonly string[];
}

/** A feature that was turned off by a rule. */
export interface RolledBack {
  readonly feature: Feature;
  readonly rule: Rule;
}
