import { MARKS, type RequestDraft, type RequestSpec } from "../../domain/remediation-request.ts";
import { type StormDraft, stormName } from "../../domain/storm-draft.ts";
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
export const manifestFor = (
  { namespace, spec, traceparent }: RequestDraft,
  intent: string,
  name: string,
  buffered = false,
): RequestManifest => ({
  metadata: {
    name,
    labels: { ...labelsOf(spec, namespace), ...(buffered && { [MARKS.buffered]: "true" }) },
    annotations: annotationsOf(intent, traceparent),
  },
  spec,
});

/** The object for a storm, without the namespace it goes to. */
export const stormManifest = (
  { window, group, namespace, traceparent }: StormDraft,
  spec: RequestSpec,
  intent: string,
): RequestManifest => ({
  metadata: {
    name: stormName(window),
    labels: { ...labelsOf(spec, namespace), [MARKS.group]: group.slice(0, LABEL_VALUE_MAX) },
    annotations: annotationsOf(intent, traceparent),
  },
  spec,
});

const annotationsOf = (intent: string, traceparent: string | undefined): Readonly<Record<string, string>> => ({
  [MARKS.intent]: intent,
  ...(traceparent && { [MARKS.traceparent]: traceparent }),
});

const labelsOf = ({ signalFingerprint }: RequestSpec, namespace: string): Readonly<Record<string, string>> => ({
  [MARKS.fingerprint]: signalFingerprint.slice(0, LABEL_VALUE_MAX),
  ...(namespace && { [MARKS.originNamespace]: namespace }),
});
