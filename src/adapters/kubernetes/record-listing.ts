import { memberId } from "../../domain/storm-draft.ts";
import type { HeldMember, RecordOperation } from "../../ports/remediation-writer.ts";
import { find } from "./find-request.ts";
import type { LookParts } from "./look.ts";
import { type Pace, patiently } from "./pace.ts";
import { type RecordParts, record } from "./record.ts";
import type { RequestView } from "./request-view.ts";
import { byAge, isLive, type StoredRequest } from "./stored-request.ts";
import { hasMember } from "./stored-storm.ts";
import { stateHeld } from "./storm-holders.ts";

export interface ListingParts extends RecordParts, Pick<LookParts, "lists" | "fallbackNamespace"> {
  readonly view: RecordParts["view"] & Pick<RequestView, "ownersOf" | "sessionOf">;
}

/**
 * As `record`, but a member that has a live request of its own is not listed: it got that while the ledger that tells of it could not be heard, and
 * two requests must not stand for one alert. Null: no object with this uid exists any more.
 */
export async function recordListing(
  operation: RecordOperation,
  parts: ListingParts,
  pace: Pace,
): Promise<{ readonly request: StoredRequest; readonly held: readonly HeldMember[] } | null> {
  const held = await heldAmong(operation, parts, pace);
  const ids = new Set(held.map(({ fingerprint }) => memberId(fingerprint)));
  const { storm } = operation;
  const members = storm?.members.filter((line) => !ids.has(memberId(line))) ?? [];
  const request = await record(held.length > 0 && storm ? { ...operation, storm: { ...storm, members } } : operation, parts, pace);
  return request && { request, held };
}

async function heldAmong({ request, storm }: RecordOperation, parts: ListingParts, pace: Pace): Promise<readonly HeldMember[]> {
  if (!storm || storm.members.length === 0) return [];
  const { api, view } = parts;
  const stored = (view.shown(request.uid) ?? (await find(request, api, pace)))?.storm;
  const ids = stored ? storm.members.map(memberId).filter((id) => !hasMember(stored, id)) : [];
  if (ids.length === 0) return [];
  const namespaces = [...new Set([request.namespace, parts.fallbackNamespace])];
  const owners = (await Promise.all(namespaces.map((namespace) => ownersIn(namespace, ids, parts, pace)))).flat().sort(byAge);
  const first = new Map(owners.reverse().map((owner) => [owner.fingerprint, owner]));
  return [...first.values()].map((owner) => ({ fingerprint: owner.fingerprint, state: stateHeld(owner, view) }));
}

async function ownersIn(namespace: string, ids: readonly string[], { view, lists }: ListingParts, pace: Pace) {
  const known = view.ownersOf(namespace, ids);
  if (known) return known;
  const wanted = new Set(ids);
  const all = await patiently(pace, () => lists(namespace));
  return all.filter((each) => !each.storm && isLive(each) && wanted.has(memberId(each.fingerprint)));
}
