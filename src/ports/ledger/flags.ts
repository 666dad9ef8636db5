import type { Feature } from "../../domain/feature.ts";
import type { Outcome } from "../../domain/outcome.ts";
import type { Rule } from "../../domain/rule.ts";
import type { Rollback, RuleSight } from "./rules.ts";

/** A share that a person has set, in percent, and when (Unix ms). */
export interface Override {
  readonly percent: number;
  readonly atMs: number;
}

/** How a feature stands. All are percent of a cluster's namespaces. */
export interface FlagSight {
  readonly feature: Feature;
  /** By which every gateway decides: the lowest of settings and override. */
  readonly percent: number;
  /** This gateway's setting. */
  readonly setting: number;
  /** The lowest that gateways have told within SETTING_COUNTS_MS. */
  readonly lowestSetting: number;
  /** Null: none. */
  readonly override: Override | null;
  /** An override that the ledger's store has lost; null: none since the last change. */
  readonly lost: (Override & { readonly noticedAtMs: number }) | null;
}

/** Alerts that were decided alike, with a feature (`on`) or without it, each once a delivery. */
export interface ArmCount {
  readonly feature: Feature;
  readonly arm: "on" | "off";
  /** `accepted`: each that led to an intent. */
  readonly outcome: Outcome;
  readonly count: number;
}

/** An override that was set, or taken back (`percent` null). */
export interface FlagChange {
  readonly feature: Feature;
  readonly percent: number | null;
  /** Beginning of the hash of an administrator's token. */
  readonly by: string;
  readonly reason: string;
}

/** All that is known of flags. */
export interface FlagBook {
  readonly features: readonly (FlagSight & {
    /** What has turned it off; null: nothing, or it is acknowledged. */
    readonly rollback: Rollback | null;
  })[];
  readonly arms: readonly ArmCount[];
  /** Those that were judged. */
  readonly rules: readonly RuleSight[];
  /** Latest first, at most FLAG_CHANGES_MAX. */
  readonly changes: readonly (FlagChange & { readonly atMs: number })[];
}

/** `above`: an override only lowers, and the lowest setting is `lowestSetting`; nothing was changed. */
export type FlagSet =
  | { readonly kind: "set" }
  | { readonly kind: "above"; readonly lowestSetting: number }
  /** A rule has turned it off, and the change does not acknowledge that by the rule's name; nothing was changed. */
  | { readonly kind: "unacknowledged"; readonly rule: Rule };
