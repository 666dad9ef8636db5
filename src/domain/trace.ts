/** A traceparent. Of a later version, what version 00 has is read (W3C Trace Context, "Versioning"). */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})(?:$|-)/;

/** How one request is found again in logs and objects, here and where it came from. */
export interface Trace {
  /** 32 hex: the sender's own, or the request's id where it tells none. */
  readonly id: string;
  /** What is handed on, with this process as the parent. */
  readonly traceparent: string;
}

/** The trace that a `traceparent` header names, continued by the request of this id (32 hex); one that cannot be read is none. */
export function traceOf(header: string | undefined, requestId: string): Trace {
  const [, id = requestId, flags = "00"] = TRACEPARENT.exec(header ?? "") ?? [];
  return { id, traceparent: `00-${id}-${requestId.slice(0, 16)}-${flags}` };
}

/** The 32 hex of a traceparent. */
export const traceIdOf = (traceparent: string): string => traceparent.slice(3, 35);
