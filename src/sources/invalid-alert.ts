import type { InvalidAlert, InvalidReason } from "../domain/alert.ts";
import { canonicalJson } from "../domain/canonical-json.ts";
import { payloadText } from "../domain/draft.ts";
import type { RequestSpec } from "../domain/remediation-request.ts";
import { sha256Hex } from "../domain/sha256.ts";
import { isNamespace } from "../domain/target/kinds.ts";

interface Cause {
  readonly source: string;
  readonly signalType: RequestSpec["signalType"];
  readonly reason: InvalidReason;
  /** What else a person has to know to mend it, such as the alert's name; nothing that differs each time. */
  readonly about: readonly string[];
  /** As it is told, which need not be one; it is no part of the cause. */
  readonly namespace: string;
}

/** An alert that cannot be judged, as it goes to the dead letters: alerts of one cause have the same fingerprint, and are one letter. */
export async function invalidAlert(payload: unknown, { source, signalType, reason, about, namespace: told }: Cause): Promise<InvalidAlert> {
  const [fingerprint, instance] = await Promise.all([
    sha256Hex(JSON.stringify(["cause", source, signalType, reason, ...about])),
    sha256Hex(`${source}\n${canonicalJson(payload)}`),
  ]);
  const namespace = isNamespace(told) ? told : "";
  return { kind: "invalid", fingerprint, instance, namespace, reason, signalType, payload: payloadText(payload) };
}

/** Which JSON it is, an array's as that of its first element. */
export function shapeOf(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? "array" : `array of ${Array.isArray(value[0]) ? "array" : shapeOf(value[0])}`;
  return value === null ? "null" : typeof value;
}
