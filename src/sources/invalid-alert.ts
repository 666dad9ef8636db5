import type { InvalidAlert, InvalidReason } from "../domain/alert.ts";
import { canonicalJson } from "../domain/canonical-json.ts";
import { payloadText } from "../domain/draft.ts";
import type { RequestSpec } from "../domain/remediation-request.ts";
import { sha256Hex } from "../domain/sha256.ts";

/** An alert that cannot be judged, as it goes to the dead letters; the same content from the same source has the same fingerprint. */
export async function invalidAlert(
  payload: unknown,
  reason: InvalidReason,
  { source, signalType }: { readonly source: string; readonly signalType: RequestSpec["signalType"] },
): Promise<InvalidAlert> {
  const fingerprint = await sha256Hex(`${source}\n${canonicalJson(payload)}`);
  return { kind: "invalid", fingerprint, reason, signalType, payload: payloadText(payload) };
}
