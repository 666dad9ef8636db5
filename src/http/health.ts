/** What a cluster's alerts depend on. */
export type Dependency = "ledger" | "writer";

/**
 * Whether ingest would work now, judged by the last call to each dependency and by nothing asked for the purpose: a probe every few
 * seconds must not become load on what it watches.
 */
export interface Health {
  /** Notes how the last call to a dependency of a cluster went. */
  note(cluster: string, dependency: Dependency, works: boolean): void;
  /** As long as alerts of some cluster find a way: by its ledger, or straight to its proxy. */
  ready(): boolean;
  /** By cluster, for those who may see names. */
  report(): Readonly<Record<string, Readonly<Record<Dependency, "ok" | "failing">>>>;
}

/** Everything counts as working until a call has failed. */
export function createHealth(clusters: readonly string[]): Health {
  const works = new Map(clusters.map((name) => [name, { ledger: true, writer: true }]));
  const word = (ok: boolean) => (ok ? "ok" : "failing");
  return {
    note(cluster, dependency, ok) {
      const held = works.get(cluster);
      if (held) held[dependency] = ok;
    },
    ready: () => [...works.values()].some(({ ledger, writer }) => ledger || writer),
    report: () =>
      Object.fromEntries([...works].map(([name, { ledger, writer }]) => [name, { ledger: word(ledger), writer: word(writer) }])),
  };
}
