import type { ParsedAlert } from "../domain/alert.ts";
import type { AlertSketch } from "../domain/alert-sketch.ts";
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
  /** Of the request that brought it. */
  readonly traceparent?: string;
}

/** Valid JSON of a foreign shape; `expected` says what would have been right and echoes nothing. */
export interface ForeignPayload {
  readonly ok: false;
  readonly expected: string;
}

interface Envelope {
  readonly ok: true;
  /** Empty: none. */
  readonly receiver: string;
  /** Empty: none. */
  readonly groupKey: string;
  /** Alerts that the sender left out. */
  readonly truncatedAlerts: number;
}

/** A payload of a known shape, its alerts unread. */
export interface OpenPayload extends Envelope {
  /** One an alert, in the payload's order; of a long array each a piece of JSON. */
  readonly items: readonly unknown[];
  /** Reads the value of one of the items, the same way each time. Never throws on parsed JSON. */
  read(item: unknown): Promise<ParsedAlert>;
  /** Whether its severity is missing or an unknown word, and was taken as a warning. */
  hasUnknownSeverity(alert: ParsedAlert): boolean;
}

export type OpenedPayload = OpenPayload | ForeignPayload;

/** Lets others have their turn. */
export type Pause = () => Promise<void>;

/** A payload read alert by alert. */
export interface ReadPayload extends Envelope {
  /** Alerts whose severity is missing or an unknown word, taken as warnings. */
  readonly unknownSeverities: number;
  /** Alerts whose start cannot be read or lies far ahead, taken as begun when they came in. */
  readonly unreadableTimes: number;
  /** In the payload's order. */
  readonly alerts: readonly AlertSketch[];
  /** The whole alerts at these places. Of a large payload they are read anew, since all together would take several times its size. */
  whole(places: readonly number[], pause: Pause): Promise<readonly ParsedAlert[]>;
}

/** A payload with all its alerts whole. */
export type ParsedPayload =
  | (Envelope & Pick<ReadPayload, "unknownSeverities" | "unreadableTimes"> & { readonly alerts: readonly ParsedAlert[] })
  | ForeignPayload;
