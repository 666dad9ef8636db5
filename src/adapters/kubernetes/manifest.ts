import { MARKS, type RequestDraft } from "../../domain/remediation-request.ts";
import type { RequestManifest } from "./request-api.ts";
import type { StoredRequest } from "./stored-request.ts";

/** Hex digits of the fingerprint in a name: 128 bits, so that nobody can make two alerts share one. */
const NAME_DIGITS = 32;

/** Longest label value of Kubernetes. */
const LABEL_VALUE_MAX = 63;

/** `rr-<32 hex of the fingerprint>-<n>`, n one higher than in any name there is, whatever that object holds: a name is taken either way. */
export function nextName(fingerprint: string, present: readonly StoredRequest[]): string {
  const prefix = `rr-${fingerprint.slice(0, NAME_DIGITS)}-`;
  const numbers = present
    .filter(({ name }) => name.startsWith(prefix) && /^[1-9]\d{0,14}$/.test(name.slice(prefix.length)))
    .map(({ name }) => Number(name.slice(prefix.length)));
  return prefix + (Math.max(0, ...numbers) + 1);
}

/** The object for a draft, without the namespace it goes to. */
export function manifestFor({ namespace, spec }: RequestDraft, intent: string, name: string): RequestManifest {
  return {
    metadata: {
      name,
      labels: {
        [MARKS.fingerprint]: spec.signalFingerprint.slice(0, LABEL_VALUE_MAX),
        ...(namespace && { [MARKS.originNamespace]: namespace }),
      },
      annotations: { [MARKS.intent]: intent },
    },
    spec,
  };
}
