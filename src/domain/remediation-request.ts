import type { Urgency } from "./urgency.ts";

/** The five phases after which a RemediationRequest needs nobody any more; every other word, also an unknown or empty one, is live. */
export const TERMINAL_PHASES: ReadonlySet<string> = new Set(["Completed", "Failed", "Cancelled", "Skipped", "TimedOut"]);

export const REQUEST_API = {
  group: "remediation.kubernaut.io",
  version: "v1alpha1",
  plural: "remediationrequests",
  kind: "RemediationRequest",
} as const;

/** Labels and annotations that Breakwater puts on its objects. Spec decides; these help people and `kubectl -l`. */
export const MARKS = {
  /** First 63 characters of the fingerprint: a label value cannot hold 64. */
  fingerprint: "breakwater.dev/fingerprint",
  originNamespace: "breakwater.dev/origin-namespace",
  /** First 63 characters of a storm's group. */
  group: "breakwater.dev/group",
  /** `true`: it waited in a window that stayed below the threshold. */
  buffered: "breakwater.dev/buffered",
  /** Annotation: the intent that this object was created for. */
  intent: "breakwater.dev/intent",
  /** Annotation: the trace of the webhook that brought its first alert, as W3C Trace Context writes it. */
  traceparent: "breakwater.dev/traceparent",
} as const;

export type Severity = "critical" | "warning" | "info";
export type Priority = "P0" | "P1" | "P2" | "P3";

/** `spec` as the installed CRD (remediation.kubernaut.io/v1alpha1) wants it; times are RFC 3339, `providerData` and `originalPayload` base64. */
export interface RequestSpec {
  readonly signalFingerprint: string;
  readonly signalName: string;
  readonly severity: Severity;
  readonly environment: string;
  readonly priority: Priority;
  readonly signalType: "prometheus-alert" | "kubernetes-event";
  readonly signalSource: string;
  readonly targetType: "kubernetes";
  readonly firingTime: string;
  readonly receivedTime: string;
  readonly signalLabels: Readonly<Record<string, string>>;
  readonly signalAnnotations: Readonly<Record<string, string>>;
  readonly providerData: string;
  readonly originalPayload: string;
  readonly deduplication: {
    readonly isDuplicate: false;
    readonly firstSeen: string;
    readonly lastSeen: string;
    readonly occurrenceCount: 1;
  };
  /** The rest is a storm's only. */
  readonly isStorm?: true;
  readonly stormType?: "pattern";
  readonly stormWindow?: string;
  readonly stormAlertCount?: number;
  /** `namespace:Kind:name`. */
  readonly affectedResources?: readonly string[];
}

/** All that is needed to create a request; where it goes and what it is called is decided by whoever creates it. */
export interface RequestDraft {
  /** Namespace of the resource, a DNS label; empty: none, or a cluster-scoped resource. */
  readonly namespace: string;
  readonly spec: RequestSpec;
  /** Of the webhook that brought the alert. Absent: a version before kept none. */
  readonly traceparent?: string;
}

export interface RequestRef {
  readonly namespace: string;
  readonly name: string;
}

/** One object for good: a name is used again after a deletion, a uid never. */
export interface RequestId extends RequestRef {
  readonly uid: string;
}

/** What somebody saw of a request. */
export interface RequestState extends RequestId {
  readonly resourceVersion: string;
  /** The intent it was created for; null where something else than Breakwater created it. */
  readonly intent: string | null;
  readonly phase: string;
  /** True for a terminal phase and from the moment a deletionTimestamp is set. */
  readonly ended: boolean;
  /** status.completedAt or deletionTimestamp in Unix ms; null: not told. */
  readonly endedAtMs: number | null;
  /** The watch that will report every later change of it; null: nobody does. */
  readonly session: string | null;
  /** The highest severity and priority that its spec and its status show; null: not told. */
  readonly urgency: Urgency | null;
}
