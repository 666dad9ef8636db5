/**
 * Whether ingest would work now, judged by the last call to each cluster's ledger and by nothing asked for the purpose: a probe every few
 * seconds must not become load on what it watches.
 */
export interface Health {
  /** Notes how the last call to a cluster's ledger went. */
  note(cluster: string, works: boolean): void;
  stopping(): void;
  ready(): boolean;
  /** By cluster, for those who may see names. */
  report(): Readonly<Record<string, "ok" | "failing">>;
}

/** Every ledger counts as working until a call has failed. */
export function createHealth(clusters: readonly string[]): Health {
  const works = new Map(clusters.map((name) => [name, true]));
  let open = true;
  return {
    note: (cluster, ok) => void works.set(cluster, ok),
    stopping: () => {
      open = false;
    },
    ready: () => open && [...works.values()].some(Boolean),
    report: () => Object.fromEntries([...works].map(([name, ok]) => [name, ok ? "ok" : "failing"])),
  };
}
