import { buildInfoText } from "./build-info.ts";
import { createCounter } from "./counter.ts";
import { familyText, type Heading } from "./family-text.ts";

export const PROXY_HEADINGS = {
  requests: { name: "proxy_kubernetes_requests_total", help: "Requests of this process to the Kubernetes API.", type: "counter" },
  operations: { name: "proxy_operations_total", help: "What gateways asked of this process, and what became of it.", type: "counter" },
  watch: {
    name: "proxy_watch_connected",
    help: "1 while this process' watch follows the requests; nothing where it tells no ledger.",
    type: "gauge",
  },
  unwritten: {
    name: "proxy_counts_unwritten",
    help: "Objects whose counts, taken without a ledger, are only in the memory of this process.",
    type: "gauge",
  },
} as const satisfies Readonly<Record<string, Heading>>;

/** What a request to the Kubernetes API does. */
export const KUBERNETES_OPERATIONS = ["create", "list", "get", "patch", "delete", "watch"] as const;
export type KubernetesOperation = (typeof KUBERNETES_OPERATIONS)[number];

/** What a process that talks to Kubernetes counts for itself. */
export interface ProxyMetrics {
  /** status null: there was no answer. */
  requested(operation: KubernetesOperation, status: number | null): void;
  performed(kind: string, outcome: string): void;
  /** In Prometheus' text format. */
  text(): string;
}

/** As things are in the process. */
export interface ProxySights {
  /** Null: it tells no ledger of what it sees. */
  readonly watches: () => boolean | null;
  readonly countsUnwritten: () => number;
}

/** Begins empty. */
export function createProxyMetrics({ watches, countsUnwritten }: ProxySights): ProxyMetrics {
  const [requests, operations] = [createCounter(PROXY_HEADINGS.requests), createCounter(PROXY_HEADINGS.operations)];
  return {
    requested: (operation, status) => requests.note({ operation, code: String(status ?? "none") }),
    performed: (kind, outcome) => operations.note({ kind, outcome }),
    text() {
      const isWatching = watches();
      const watch = isWatching === null ? [] : [{ labels: {}, value: isWatching ? 1 : 0 }];
      const unwritten = [{ labels: {}, value: countsUnwritten() }];
      const gauges = familyText(PROXY_HEADINGS.watch, watch) + familyText(PROXY_HEADINGS.unwritten, unwritten);
      return requests.text() + operations.text() + gauges + buildInfoText("proxy");
    },
  };
}
