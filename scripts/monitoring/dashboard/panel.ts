/** A line, or as many as its labels tell apart. */
export interface Query {
  /** `$cluster` and `$__rate_interval` are Grafana's to fill. */
  readonly expr: string;
  /** What a line is called; `{{label}}` stands for a label's value. */
  readonly legend: string;
}

/** `stat`: a number for the whole time shown. `stacked`: lines that add up. */
export interface Panel {
  readonly title: string;
  readonly kind: "lines" | "stacked" | "stat";
  /** Grafana's name of the unit. */
  readonly unit: "short" | "cps" | "reqps" | "s" | "percentunit";
  readonly queries: readonly Query[];
}

export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

const OF_CLUSTER = 'cluster=~"$cluster"';
const by = (labels: readonly string[]) => labels.join(", ");

/** How fast what ledgers count grows; every gateway tells the same of it, so one of them is taken. */
export const counted = (metric: string, ...labels: readonly string[]): string =>
  `max by (${by(["cluster", ...labels])}) (rate(${metric}{${OF_CLUSTER}}[$__rate_interval]))`;

/** By how much it has grown in the time shown. */
export const grown = (metric: string): string => `sum(max by (cluster) (increase(${metric}{${OF_CLUSTER}}[$__range])))`;

/** What ledgers hold now. */
export const held = (metric: string, ...labels: readonly string[]): string =>
  `max by (${by(["cluster", ...labels])}) (${metric}{${OF_CLUSTER}})`;

/** How fast what processes count, each for itself, grows. */
export const added = (metric: string, ...labels: readonly string[]): string => `sum by (${by(labels)}) (rate(${metric}[$__rate_interval]))`;

/** The time within which so many of a histogram's lie. `rates`: of its buckets, by `le` and what else tells lines apart. */
export const within = (quantile: number, rates: string): string => `histogram_quantile(${quantile}, ${rates})`;

/** An expression as Prometheus reads it, of every cluster; the times as Prometheus writes durations. */
export const filledIn = (expr: string, { rateInterval, range }: { readonly rateInterval: string; readonly range: string }): string =>
  expr.replaceAll("$__rate_interval", rateInterval).replaceAll("$__range", range).replaceAll("$cluster", ".*");
