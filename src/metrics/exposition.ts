import { COUNTERS, type Counter } from "../ports/ledger.ts";
import { CATALOGUE } from "./catalogue.ts";

export interface ClusterCounters {
  readonly cluster: string;
  readonly counters: Readonly<Record<Counter, number>>;
}

/** Prometheus' text format, version 0.0.4. Cluster names are DNS labels, so nothing in them needs escaping. */
export function exposition(clusters: readonly ClusterCounters[]): string {
  return COUNTERS.map((counter) => {
    const { name, help } = CATALOGUE[counter];
    const samples = clusters.map(({ cluster, counters }) => `${name}{cluster="${cluster}"} ${counters[counter]}\n`);
    return `# HELP ${name} ${help}\n# TYPE ${name} counter\n${samples.join("")}`;
  }).join("");
}
