import type { RequestState } from "../../domain/remediation-request.ts";
import { memberId, type StormMember } from "../../domain/storm-draft.ts";
import type { HeldMember } from "../../ports/remediation-writer.ts";
import { type Listing, regainListing } from "./listing.ts";
import type { RequestView } from "./request-view.ts";
import { byAge, isLive, type StoredRequest, toState } from "./stored-request.ts";
import { hasMember } from "./stored-storm.ts";

/** What a storm's object lists, all included that a watch remembers and somebody erased; null: it is no storm's. */
export const listingOf = ({ uid, storm }: StoredRequest, { remembered }: Pick<RequestView, "remembered">): Listing | null =>
  storm && regainListing(remembered(uid)?.storm ?? null, storm.listing);

/** Whether the request is a storm's that this fingerprint is in, though a controller may have erased that. */
export function holdsMember(request: StoredRequest, fingerprint: string, { remembered }: Pick<RequestView, "remembered">): boolean {
  const { uid, storm } = request;
  const id = memberId(fingerprint);
  return storm !== null && (hasMember(storm, id) || remembered(uid)?.storm?.lines.has(id) === true);
}

/** What the holder of a fingerprint is told of it. A watch tells of a storm under its own name, so nobody tells more under the fingerprint's. */
export const stateHeld = (request: StoredRequest, { sessionOf }: Pick<RequestView, "sessionOf">): RequestState =>
  toState(request, request.storm ? null : sessionOf(request));

/**
 * Those of the members that a live request of `known` holds, and by which: one of their own before a storm, then the oldest.
 * `since`: where none is live, also what has ended but was made before that object, and so may have held them then.
 */
export function heldMembers(
  members: readonly StormMember[],
  known: readonly StoredRequest[],
  view: Pick<RequestView, "remembered" | "sessionOf">,
  since: StoredRequest | null = null,
): readonly HeldMember[] {
  const find = finder(known.filter(isLive).sort(byAge), view);
  const ended = since ? known.filter((each) => !isLive(each) && each.createdAtMs <= since.createdAtMs) : [];
  const findEnded = finder(ended.sort(byAge).reverse(), view);
  return members.flatMap(({ fingerprint }) => {
    const holder = find(fingerprint) ?? findEnded(fingerprint);
    return holder ? [{ fingerprint, state: stateHeld(holder, view) }] : [];
  });
}

/** The first among the requests that holds a fingerprint. */
function finder(requests: readonly StoredRequest[], view: Pick<RequestView, "remembered">) {
  const own = new Map<string, StoredRequest>();
  for (const request of requests) if (!request.storm && !own.has(request.fingerprint)) own.set(request.fingerprint, request);
  const storms = requests.filter(({ storm }) => storm !== null);
  return (fingerprint: string) => own.get(fingerprint) ?? storms.find((storm) => holdsMember(storm, fingerprint, view));
}
