import { base64 } from "./base64.ts";
import { environmentOf } from "./environment.ts";
import type { Labels } from "./labels.ts";
import { priorityOf } from "./priority.ts";
import type { RequestDraft, RequestSpec, Severity } from "./remediation-request.ts";
import type { Resource } from "./resource.ts";
import { cutUtf8 } from "./utf8.ts";

/** Most of an alert's own JSON that is kept: enough to see what was sent, small beside Kubernetes's object limit. */
export const PAYLOAD_BYTES_MAX = 16 * 1024;

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
  /** Where people look further; left out where the source has none. */
  readonly links: { readonly alertmanagerURL?: string; readonly generatorURL?: string };
  /** The alert as it came. */
  readonly payload: unknown;
}

/** Where and when an alert came in; `environment` is the source's own, if it has one. */
export interface DraftOrigin {
  readonly source: string;
  readonly cluster: string;
  readonly environment: string | null;
  readonly receivedAtMs: number;
}

/** An alert's own JSON, cut to PAYLOAD_BYTES_MAX. */
export const payloadText = (payload: unknown): string => cutUtf8(JSON.stringify(payload), PAYLOAD_BYTES_MAX);

/** The request that the alert would become, valid against the RemediationRequest CRD (remediation.kubernaut.io/v1alpha1). */
export function draftOf(subject: DraftSubject, { source, cluster, environment: ownEnvironment, receivedAtMs }: DraftOrigin): RequestDraft {
  const { fingerprint, name, severity, signalType, labels, annotations, namespace, resource, links } = subject;
  const environment = environmentOf(labels, ownEnvironment);
  const receivedTime = new Date(receivedAtMs).toISOString();
  return {
    namespace,
    spec: {
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
      providerData: base64(JSON.stringify({ namespace, resource, cluster, ...links })),
      originalPayload: base64(payloadText(subject.payload)),
      deduplication: { isDuplicate: false, firstSeen: receivedTime, lastSeen: receivedTime, occurrenceCount: 1 },
    },
  };
}
