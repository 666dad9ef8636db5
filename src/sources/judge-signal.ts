import type { Alert, ParsedAlert } from "../domain/alert.ts";
import { type DraftSubject, draftOf } from "../domain/draft.ts";
import { groupOf } from "../domain/fingerprint.ts";
import type { Labels } from "../domain/labels.ts";
import type { RequestSpec, Severity } from "../domain/remediation-request.ts";
import type { Identity } from "../domain/target/identity.ts";
import type { SourceContext } from "./payload.ts";
import { startsAtOf } from "./starts-at.ts";

/** `spec.signalName` holds 253 characters. */
const NAME_CHARACTERS_MAX = 253;

/** Why a name cannot be one, or null; `missing` is what its absence is called. */
export function judgeName<Missing extends string>(name: string, missing: Missing): Missing | "alertname-too-long" | null {
  if (!name) return missing;
  return name.length > NAME_CHARACTERS_MAX && [...name].length > NAME_CHARACTERS_MAX ? "alertname-too-long" : null;
}

/** True where an alert's start is told and cannot be read, or lies far ahead: it is to be counted. */
export const hasUnreadableStart = (alert: ParsedAlert): boolean => alert.kind === "alert" && alert.start === "unreadable";

/** An alert of any source, read but not yet judged by the rules that all sources share. */
export interface Signal extends Identity {
  readonly signalType: RequestSpec["signalType"];
  readonly name: string;
  readonly status: Alert["status"];
  readonly severity: Severity;
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly instance: string;
  /** Fields that may tell when it began, best first. */
  readonly startsAt: readonly unknown[];
  readonly event: Alert["event"];
  readonly links: DraftSubject["links"];
  readonly payload: unknown;
}

/** The alert with the request that it would become. */
export async function judgeSignal(signal: Signal, context: SourceContext): Promise<Alert> {
  const { status, name, namespace, resource, fingerprint, rule, explanation, severity, instance, event } = signal;
  const told = startsAtOf(signal.startsAt, context.nowMs);
  const [start, startsAtMs] = typeof told === "number" ? (["told", told] as const) : ([told, context.nowMs] as const);
  const draft = draftOf({ ...signal, startsAtMs }, { ...context, receivedAtMs: context.nowMs });
  const group = await groupOf(context.cluster, namespace, name);
  const identity = { resource, namespace, fingerprint, rule, explanation };
  return { kind: "alert", ...identity, group, instance, status, startsAtMs, start, name, severity, event, draft };
}
