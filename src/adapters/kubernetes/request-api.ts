import type { Priority, RequestRef, RequestSpec, Severity } from "../../domain/remediation-request.ts";
import type { StoredRequest } from "./stored-request.ts";

/** An object to create. */
export interface RequestManifest {
  readonly metadata: {
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  };
  readonly spec: RequestSpec;
}

/** `status.deduplication` as a merge patch (RFC 7396): null removes a field. Times are RFC 3339. */
export interface DeduplicationPatch {
  readonly firstSeen: string;
  readonly lastSeen: string;
  readonly occurrenceCount: number;
  readonly slots: Readonly<Record<string, number | null>>;
  readonly resolvedAt: string | null;
  readonly highestSeverity: Severity;
  readonly highestPriority: Priority;
}

/** `status.storm`, as part of a merge patch; a list takes the place of the one that is there. */
export interface StormPatch {
  readonly alertCount: number;
  readonly members: readonly string[];
  /** As MemberDetails. None: as they are. */
  readonly details?: readonly object[];
  readonly closedAt: string | null;
  readonly truncated: boolean;
}

/** What a write changes of a status. */
export interface StatusPatch {
  readonly deduplication: DeduplicationPatch;
  readonly storm?: StormPatch;
}

/**
 * The five calls on RemediationRequests that everything here is written against. Each rejects with `ApiFailure`;
 * one that timed out or lost its connection may have taken effect.
 */
export interface RequestApi {
  /** All requests of a namespace in a state at least as new as the call; none where the namespace is missing. */
  list(namespace: string): Promise<readonly StoredRequest[]>;
  get(request: RequestRef): Promise<StoredRequest>;
  create(namespace: string, manifest: RequestManifest): Promise<StoredRequest>;
  /** Deletes this very object, and only if nobody changed it since `resourceVersion`. */
  delete(request: StoredRequest): Promise<void>;
  /** Writes only if nobody changed the object since its `resourceVersion`. The server ignores a uid here, so the caller compares it. */
  patchStatus(request: StoredRequest, status: StatusPatch): Promise<StoredRequest>;
}
