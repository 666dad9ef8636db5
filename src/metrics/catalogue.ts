import type { Counter } from "../ports/ledger.ts";

/** Every series that is exposed: its name, and what it counts. All carry the label `cluster`. */
export const CATALOGUE: Readonly<Record<Counter, { readonly name: string; readonly help: string }>> = {
  alerts_received: { name: "gateway_alerts_received_total", help: "Alerts decided, each once a delivery." },
  requests_created: { name: "gateway_crds_created_total", help: "RemediationRequests created." },
  requests_found: { name: "gateway_crds_found_total", help: "New alerts whose request Kubernetes held already." },
  deduplication_hits: { name: "gateway_deduplication_cache_hits_total", help: "Alerts recognised as repeats." },
  deduplication_misses: { name: "gateway_deduplication_cache_misses_total", help: "Alerts that asked for a new request." },
  state_cache_hits: { name: "gateway_crd_state_cache_hits_total", help: "Repeats decided by the remembered state of their request." },
  state_cache_misses: { name: "gateway_crd_state_cache_misses_total", help: "Looks at Kubernetes because the remembered state was stale." },
  quarantined: { name: "gateway_alerts_quarantined_total", help: "Invalid alerts kept as dead letters." },
  counts_written: { name: "gateway_counts_written_total", help: "Occurrence counts written to a request's status." },
  counts_lost: { name: "gateway_counts_lost_total", help: "Occurrence counts whose request was gone before they were written." },
};
