import { createProxyMetrics } from "../../src/metrics/proxy-metrics.ts";

/** Metrics of a proxy whose test reads none. */
export const unreadMetrics = () => ({
  metrics: createProxyMetrics({ watches: () => null, countsUnwritten: () => 0 }),
  readTokenSha256: [],
});
