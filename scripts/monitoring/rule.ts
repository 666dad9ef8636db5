/** Where the runbooks are read, each at the anchor of its rule's name. The only place that names it: change it here where your copy is elsewhere. */
export const RUNBOOKS = "https://breakwater.dev/docs/troubleshooting.md";

/** `critical`: somebody has to look now, at night as well. `warning`: on the next working day. */
export type Severity = "critical" | "warning";

/** An alert of Prometheus. Templates of `summary` and `description` see the labels that `expr` leaves. */
export interface AlertRule {
  readonly alert: string;
  readonly severity: Severity;
  readonly expr: string;
  /** How long `expr` has to hold, as Prometheus writes a duration; none: at once. */
  readonly for: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** One line: what is wrong, with whom. */
  readonly summary: string;
  /** What that means for alerts, and what it costs. */
  readonly description: string;
}

/** A series that Prometheus works out and keeps, so that rules can be read. */
export interface RecordingRule {
  readonly record: string;
  readonly expr: string;
}

export interface RuleGroup {
  readonly name: string;
  readonly rules: readonly (AlertRule | RecordingRule)[];
}

export const isAlert = (rule: AlertRule | RecordingRule): rule is AlertRule => "alert" in rule;

/** How rules tell time: in real rules as it is written; a rehearsal divides every window, `for` and age by one factor. */
export interface Time {
  /** A duration as Prometheus writes it. */
  span(text: string): string;
  /** The same in seconds, for ages that series tell. */
  seconds(text: string): number;
}

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

/** `dividedBy` 1 leaves durations as they are written. */
export function timeDividedBy(dividedBy: number): Time {
  const seconds = (text: string) => {
    const [, count = "", unit = ""] = /^(\d+)([smhd])$/.exec(text) ?? [];
    const each = UNITS[unit];
    if (each === undefined) throw new Error(`${text} is no duration`);
    return (Number(count) * each) / dividedBy;
  };
  const span = (text: string) => (dividedBy === 1 ? text : `${Math.max(1, Math.round(seconds(text) * 1_000))}ms`);
  return { span, seconds };
}
