import * as v from "valibot";
import { problem } from "./problem.ts";
import type { Cluster } from "./services.ts";

/** A whole number of a query, in at most 6 decimal digits. */
export const whole = (fallback: number, least: number, most: number) =>
  v.optional(v.pipe(v.string(), v.regex(/^\d{1,6}$/), v.transform(Number), v.minValue(least), v.maxValue(most)), String(fallback));

/** What every list takes. */
export const PAGE = { offset: whole(0, 0, 100_000), limit: whole(100, 1, 500) };

/** The cluster that a query names, or the answer that says why there is none. A single cluster needs no name. */
export function clusterOf(clusters: ReadonlyMap<string, Cluster>, name: string | undefined): Cluster | Response {
  const cluster = name === undefined && clusters.size === 1 ? [...clusters.values()][0] : clusters.get(name ?? "");
  return cluster ?? problem(404, "cluster-unknown", "name one of the configured clusters as ?cluster=");
}

/** Unix ms as RFC 3339. */
export const timeText = (ms: number): string => new Date(ms).toISOString();
