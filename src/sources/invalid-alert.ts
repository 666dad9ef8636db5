import type { InvalidAlert, InvalidReason } from "../domain/alert.ts";
import { canonicalJson } from "../domain/canonical-json.ts";
import { payloadText } from "../domain/draft.ts";
import type { RequestSpec } from "../domain/remediation-request.ts";
import { sha256Hex } from "../domain/sha256.ts";

interface Cause {
  readonly source: string;
  readonly signalType: RequestSpec["signalType"];
  readonly reason: InvalidReason;
  /** What else a person has to know to mend it, such as the alert's name; nothing that differs each time. */
  readonly about: readonly string[];
}

/** An alert that cannot be judged, as it goes to the dead letters: alerts of one cause have the same fingerprint, and are one letter. */
export async function invalidAlert(payload: unknown, { source, signalType, reason, about }: Cause): Promise<InvalidAlert> {
  const [fingerprint, instance] = await Promise.all([
    sha256Hex(JSON.stringify(["cause", source, signalType, reason, ...about])),
    sha256Hex(`${source}\n${canonicalJson(payload)}`),
  ]);
  return { kind: "invalid", fingerprint, instance, reason, signalType, payload: payloadText(payload) };
}

/** Which JSON it is, an array's as that of its first element. */
export function shapeOf(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? "array" : `array of ${Array.isArray(value[0]) ? "array" : shapeOf(value[0])}`;
  return value === null ? "null" : typeof value;
}
