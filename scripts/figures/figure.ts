/** One number that was measured. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What it must not pass; none where the number only informs. */
  readonly bar?: { readonly atMost: number } | { readonly atLeast: number };
}

declare module "vitest" {
  interface TaskMeta {
    figures?: Figure[];
  }
}

/** Hands figures of a measurement to the command that runs it. */
export function report({ task }: { readonly task: { readonly meta: { figures?: Figure[] } } }, figures: readonly Figure[]): void {
  task.meta.figures = [...(task.meta.figures ?? []), ...figures];
}

export function isMissed({ value, bar }: Figure): boolean {
  if (!bar) return false;
  // Written so that a number that is none misses every bar.
  return "atMost" in bar ? !(value <= bar.atMost) : !(value >= bar.atLeast);
}

/** `name value unit`, and the bar where there is one. */
export function lineOf(figure: Figure): string {
  const { name, value, unit, bar } = figure;
  const line = `${name} ${Number(value.toFixed(2))} ${unit}`;
  if (!bar) return line;
  const stated = "atMost" in bar ? `at most ${bar.atMost}` : `at least ${bar.atLeast}`;
  return `${line} (${stated}${isMissed(figure) ? ", missed" : ""})`;
}

/** The smallest value that `share` of all do not pass. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/** Most of `times` that lie within any stretch of `ms`. */
export function mostWithin(times: readonly number[], ms: number): number {
  const sorted = [...times].sort((left, right) => left - right);
  return sorted.reduce((most, from) => Math.max(most, sorted.filter((time) => time >= from && time - from < ms).length), 0);
}
