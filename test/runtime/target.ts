/** A running gateway, seen from outside. The suite holds nothing of it but this. */
export interface Target {
  readonly url: string;
  /** Null: no source is set up, and whoever reaches it may send. */
  readonly sourceToken: string | null;
  /** Of a source that may write to `namespace` only, has the environment `edge` and is told 429 instead of 503; null as above. */
  readonly narrowToken: string | null;
  readonly adminToken: string;
  /** Null: none is set up. */
  readonly readToken: string | null;
  /** A namespace of the suite's own, empty at the start. */
  readonly namespace: string;
  /** As `namespace`, for alerts that name none. */
  readonly fallbackNamespace: string;
  /** The largest webhook that it takes by default. */
  readonly limits: { readonly bodyBytes: number; readonly alerts: number };
  /** The RemediationRequests of a namespace, as Kubernetes shows them. */
  requests(namespace: string): Promise<readonly RequestObject[]>;
  /** Makes it see to what it owes Kubernetes, where it does not do so by itself. */
  settle(): Promise<void>;
  /** All that it has logged. */
  output(): string;
  stop(): Promise<void>;
}

const MIB = 1024 * 1024;

/** What a process takes by default, and a Worker. */
export const LIMITS = {
  process: { bodyBytes: 32 * MIB, alerts: 50_000 },
  worker: { bodyBytes: 8 * MIB, alerts: 10_000 },
} as const;

/** What is read of a RemediationRequest. */
export interface RequestObject {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: {
    readonly signalFingerprint: string;
    readonly signalName: string;
    readonly severity: string;
    readonly environment: string;
    readonly firingTime: string;
    readonly signalLabels: Readonly<Record<string, string>>;
    readonly signalAnnotations: Readonly<Record<string, string>>;
  };
  readonly status?: { readonly deduplication?: { readonly occurrenceCount: number; readonly resolvedAt?: string } };
}
