import type { ParsedAlert } from "../domain/alert.ts";
import type { Result } from "../domain/outcome.ts";
import { sha256Hex } from "../domain/sha256.ts";
import type { DeadLetter } from "../ports/ledger.ts";
import { type IngestPorts, ingestAlerts } from "./ingest-alerts.ts";

/** Reads a letter's payload again as its source would send it today. Null: no source of this name sends here any more. */
export type ReadAgain = (letter: DeadLetter, payload: unknown) => Promise<ParsedAlert | null>;

/**
 * What a replay came to. `opened`: the request is tried again. `decided`: the alert was judged like any other, and the letter is gone. Anything
 * else leaves the letter as it is.
 */
export type Replayed =
  | { readonly kind: "opened" }
  | { readonly kind: "decided"; readonly result: Result }
  | { readonly kind: "still-invalid"; readonly reason: string }
  | { readonly kind: "payload-cut" | "source-unknown" | "overloaded" | "unknown" };

/**
 * Tries again what became a dead letter: opens the intent of a request, and judges an invalid alert anew under the settings of today. The alert is a
 * delivery of its own, named after the letter, so a replay that is sent twice counts it once. Throws `Failure` when the ledger cannot be reached.
 */
export async function replayDeadLetter(ports: IngestPorts, id: string, read: ReadAgain): Promise<Replayed> {
  const letter = await ports.ledger.deadLetter(id);
  if (!letter) return { kind: "unknown" };
  if (letter.kind === "invalid") return replayAlert(ports, letter, read);
  const replay = await ports.ledger.replay(id);
  if (replay === "full") return { kind: "overloaded" };
  return { kind: replay === "opened" ? "opened" : "unknown" };
}

async function replayAlert(ports: IngestPorts, letter: DeadLetter, read: ReadAgain): Promise<Replayed> {
  const payload = parse(letter.payload);
  if (!payload) return { kind: "payload-cut" };
  const alert = await read(letter, payload.value);
  if (!alert) return { kind: "source-unknown" };
  if (alert.kind === "invalid") return { kind: "still-invalid", reason: alert.reason };
  // The same bad alert may come, and be replayed, once more: that is another letter.
  const delivery = (await sha256Hex(JSON.stringify(["letter", letter.id, letter.firstSeenMs]))).slice(0, 32);
  const posted = { source: letter.source, delivery, alerts: [alert], truncatedAlerts: 0, unknownSeverities: 0, unreadableTimes: 0 };
  const ingested = await ingestAlerts(ports, posted);
  const result = ingested.kind === "decided" ? ingested.results[0] : undefined;
  if (!result) return { kind: "overloaded" };
  // Where another alert of the cause came meanwhile, the letter stays for that one.
  await ports.ledger.discard(letter.id, letter.count);
  return { kind: "decided", result };
}

/** Null: the text was cut, as that of a whole alert is JSON. */
function parse(text: string): { readonly value: unknown } | null {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return null;
  }
}
