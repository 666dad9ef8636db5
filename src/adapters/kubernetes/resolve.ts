import type { ResolveOperation } from "../../ports/remediation-writer.ts";
import { type LookParts, look } from "./look.ts";
import type { Pace } from "./pace.ts";
import { type RecordParts, showResolved } from "./record.ts";
import { byAge, isLive, type StoredRequest } from "./stored-request.ts";

/** Shows in a fingerprint's own live request that it is resolved; a storm's stands for others, too. Null: there is none. */
export async function resolve(operation: ResolveOperation, parts: LookParts & RecordParts, pace: Pace): Promise<StoredRequest | null> {
  const { fingerprint, namespace, resolvedAtMs } = operation;
  const found = await look({ namespace, fingerprints: [fingerprint], age: { kind: "any" } }, parts, pace);
  const own = found.filter((request) => request.fingerprint === fingerprint && isLive(request)).sort(byAge)[0];
  return own ? showResolved(own, resolvedAtMs, parts, pace) : null;
}
