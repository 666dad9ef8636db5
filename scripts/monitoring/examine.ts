import { METRICS, type Row } from "../../src/metrics/table.ts";
import { type Selector, selectorsOf } from "./series.ts";

/** What Prometheus itself adds to each series, or tells of each target. */
const SCRAPED = { labels: ["job", "instance"], metrics: ["up"] };

/** Metrics that neither a rule nor a panel need use, and why. */
export const UNUSED_ON_PURPOSE: Readonly<Record<string, string>> = {};

const COUNTS = ["rate", "increase", "irate", "resets"];

/** The row of a series, and what its name ends with as a part of a histogram. */
function rowOf(metric: string): { readonly row: Row; readonly part: string } | null {
  for (const row of METRICS) {
    const part = metric.slice(row.name.length);
    if (metric.startsWith(row.name) && (row.type === "histogram" ? ["_bucket", "_sum", "_count"] : [""]).includes(part))
      return { row, part };
  }
  return null;
}

/** The metrics of the table that an expression names. */
export const metricsOf = (expr: string): string[] => selectorsOf(expr).flatMap(({ metric }) => rowOf(metric)?.row.name ?? []);

/** What an expression names that does not exist, and where it takes a gauge for a counter. `recorded`: series that rules record. */
export const exprProblems = (expr: string, recorded: ReadonlySet<string> = new Set()): string[] =>
  selectorsOf(expr)
    .filter(({ metric }) => !recorded.has(metric) && !SCRAPED.metrics.includes(metric))
    .flatMap(selectorProblems);

function selectorProblems({ metric, labels, within }: Selector): string[] {
  const { row, part } = rowOf(metric) ?? {};
  if (!row) return [`there is no metric ${metric}`];
  const counted = COUNTS.some((name) => within.includes(name));
  const strange = labels.flatMap(({ name, match, text }) => {
    if (SCRAPED.labels.includes(name) || (part === "_bucket" && name === "le")) return [];
    const values = row.labels[name];
    if (values === undefined) return [`${metric} has no label ${name}`];
    if (typeof values === "string") return [];
    const known = match === "=" || match === "!=" ? values.includes(text) : values.some((value) => new RegExp(`^(?:${text})$`).test(value));
    return known ? [] : [`no ${name} of ${metric} is ${text}`];
  });
  return [...strange, ...(counted && row.type === "gauge" ? [`${metric} is a gauge, and no counter`] : [])];
}

/** Metrics that none of these expressions names, and that are not left out on purpose. */
export function unusedMetrics(exprs: readonly string[]): string[] {
  const used = new Set([...exprs.flatMap(metricsOf), ...Object.keys(UNUSED_ON_PURPOSE)]);
  return METRICS.map(({ name }) => name).filter((name) => !used.has(name));
}
