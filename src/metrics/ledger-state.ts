import type { RedisTrouble } from "../domain/redis-trouble.ts";
import { familyText, type Heading } from "./family-text.ts";

export const LEDGER_UP: Heading = {
  name: "gateway_ledger_up",
  help: "1 where this scrape could read the cluster's ledger; 0: what that counts is missing here.",
  type: "gauge",
};

export const REDIS_TROUBLE: Heading = {
  name: "gateway_redis_trouble",
  help: "1: why the Redis of the ledgers cannot be used, or only for a while, until somebody changes a setting.",
  type: "gauge",
};

/** What this process knows of its ledgers without reading them, in Prometheus' text format. `clusters`: whether each could be read. */
export function ledgerStateText(clusters: ReadonlyMap<string, boolean>, trouble: RedisTrouble | null): string {
  const up = [...clusters].map(([cluster, isUp]) => ({ labels: { cluster }, value: isUp ? 1 : 0 }));
  // Redis has a number of policies, of which only one is right.
  const word = trouble?.replace(/^(maxmemory-policy)-.*/, "$1");
  return familyText(LEDGER_UP, up) + familyText(REDIS_TROUBLE, word === undefined ? [] : [{ labels: { trouble: word }, value: 1 }]);
}
