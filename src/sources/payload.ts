import type { ParsedAlert } from "../domain/alert.ts";
import type { TargetRule } from "../domain/target/target-rule.ts";

/** What is known of a source before its payload is read. */
export interface SourceContext {
  readonly source: string;
  readonly cluster: string;
  /** The source's own environment, if it has one. */
  readonly environment: string | null;
  /** Patterns such as `shop-*`; only `*` lets in alerts without a namespace. */
  readonly namespaces: readonly string[];
  /** Operators' own, in the order in which they are asked. */
  readonly targetRules: readonly TargetRule[];
  /** Whether somebody reads why each target is what it is. */
  readonly explains: boolean;
  /** When the payload came in, Unix ms. */
  readonly nowMs: number;
}

/** A payload read alert by alert. Not ok: valid JSON of a foreign shape; `expected` says what would have been right and echoes nothing. */
export type ParsedPayload =
  | {
      readonly ok: true;
      /** Empty: none. */
      readonly receiver: string;
      /** Empty: none. */
      readonly groupKey: string;
      /** Alerts that the sender left out. */
      readonly truncatedAlerts: number;
      /** Alerts whose severity is missing or an unknown word, taken as warnings. */
      readonly unknownSeverities: number;
      /** Alerts whose start cannot be read, taken as begun when they came in. */
      readonly unreadableTimes: number;
      /** In the payload's order. */
      readonly alerts: readonly ParsedAlert[];
    }
  | { readonly ok: false; readonly expected: string };
