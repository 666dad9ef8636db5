import { base64 } from "./base64.ts";
import { environmentOf } from "./environment.ts";
import type { Labels } from "./labels.ts";
import { priorityOf } from "./priority.ts";
import type { RequestDraft, RequestSpec, Severity } from "./remediation-request.ts";
import type { Resource } from "./resource.ts";
import { cutUtf8, utf8Length } from "./utf8.ts";

/** Most of an alert's own JSON that is kept: enough to see what was sent, small beside Kubernetes's object limit. */
export const PAYLOAD_BYTES_MAX = 16 * 1024;

/** What is kept of it whatever else the request holds: a CRD takes no empty text for bytes. */
const PAYLOAD_BYTES_MIN = 3;

/** Longer links would fill the request; a URL that is cut leads nowhere. */
const LINK_CHARACTERS_MAX = 8192;

/** What a webhook tells of all its alerts is copied into each, so a draft has its bound: so many times the alert's own JSON, and so much beside it. */
const EXPANSION_TIMES = 4;
const EXPANSION_BESIDE_BYTES = 4 * 1024;

/** The names of what is measured apart, and the list of what was left out. */
const BESIDE_BYTES = 256;

/** Bytes that a byte of base64 stands for. */
const DECODED = 3 / 4;

/** `spec.signalSource` holds 63 characters. */
const SOURCE_CHARACTERS_MAX = 63;

/** What a request says about its alert. */
export interface DraftSubject {
  readonly fingerprint: string;
  readonly name: string;
  readonly severity: Severity;
  readonly signalType: RequestSpec["signalType"];
  readonly labels: Labels;
  readonly annotations: Labels;
  /** A DNS label or empty. */
  readonly namespace: string;
  readonly resource: Resource;
  readonly startsAtMs: number;
  /** Where people look further, the best one first; left out where the source has none. */
  readonly links: { readonly generatorURL?: string; readonly alertmanagerURL?: string };
  /** The alert as it came. */
  readonly payload: unknown;
}

/** Where and when an alert came in; `environment` is the source's own, if it has one. */
export interface DraftOrigin {
  readonly source: string;
  readonly cluster: string;
  readonly environment: string | null;
  readonly receivedAtMs: number;
  readonly traceparent?: string;
}

/** An alert's own JSON, cut to PAYLOAD_BYTES_MAX. */
export const payloadText = (payload: unknown): string => cutUtf8(JSON.stringify(payload), PAYLOAD_BYTES_MAX);

/**
 * The request that the alert would become, valid against the RemediationRequest CRD (remediation.kubernaut.io/v1alpha1). Its JSON takes at most
 * four times the bytes of the alert's own and 4 KiB: what does not fit is left out, links before the payload, and named in `providerData.truncated`.
 */
export function draftOf(subject: DraftSubject, origin: DraftOrigin): RequestDraft {
  const { source, cluster, environment: ownEnvironment, receivedAtMs, traceparent } = origin;
  const { fingerprint, name, severity, signalType, labels, annotations, namespace, resource } = subject;
  const environment = environmentOf(labels, ownEnvironment);
  const receivedTime = new Date(receivedAtMs).toISOString();
  const spec = {
    signalFingerprint: fingerprint,
    signalName: name,
    severity,
    environment,
    priority: priorityOf(labels, severity, environment),
    signalType,
    signalSource: source.slice(0, SOURCE_CHARACTERS_MAX),
    targetType: "kubernetes",
    firingTime: new Date(subject.startsAtMs).toISOString(),
    receivedTime,
    signalLabels: labels,
    signalAnnotations: annotations,
    deduplication: { isDuplicate: false, firstSeen: receivedTime, lastSeen: receivedTime, occurrenceCount: 1 },
  } as const;
  const provided = { namespace, resource, cluster };
  const draft = { namespace, ...(traceparent && { traceparent }) };
  return { ...draft, spec: { ...spec, ...fitted(subject, utf8Length(JSON.stringify({ ...draft, spec })), provided) } };
}

/** Bytes of a value's JSON in base64. */
const encodedBytes = (value: unknown): number => utf8Length(JSON.stringify(value)) / DECODED;

/** The payload and then the links, as far as there is room for them beside what takes `takenBytes` already. */
function fitted(
  { payload, links }: DraftSubject,
  takenBytes: number,
  provided: object,
): Pick<RequestSpec, "providerData" | "originalPayload"> {
  const json = JSON.stringify(payload);
  let room = EXPANSION_TIMES * utf8Length(json) + EXPANSION_BESIDE_BYTES - BESIDE_BYTES - takenBytes - encodedBytes(provided);
  const kept = cutUtf8(json, Math.max(PAYLOAD_BYTES_MIN, Math.min(PAYLOAD_BYTES_MAX, Math.floor(room * DECODED))));
  room -= utf8Length(kept) / DECODED;
  const truncated = kept.length < json.length ? ["originalPayload"] : [];
  const followed = Object.entries(links).map(([name, link]) => {
    const bytes = encodedBytes(link);
    const fits = bytes <= room && link.length <= LINK_CHARACTERS_MAX;
    if (fits) room -= bytes;
    else truncated.push(name);
    return [name, fits ? link : ""] as const;
  });
  const told = { ...provided, ...Object.fromEntries(followed), ...(truncated.length > 0 && { truncated }) };
  return { providerData: base64(JSON.stringify(told)), originalPayload: base64(kept) };
}
