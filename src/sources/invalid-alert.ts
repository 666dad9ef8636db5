import type { InvalidAlert, InvalidReason } from "../domain/alert.ts";
import { canonicalJson } from "../domain/canonical-json.ts";
import { payloadText } from "../domain/draft.ts";
import { sha256Hex } from "../domain/sha256.ts";

/** An alert that cannot be judged, as it goes to the dead letters; the same content from the same source has the same fingerprint. */
export async function invalidAlert(payload: unknown, reason: InvalidReason, source: string): Promise<InvalidAlert> {
  const fingerprint = await sha256Hex(`${source}\n${canonicalJson(payload)}`);
  return { kind: "invalid", fingerprint, reason, payload: payloadText(payload) };
}
