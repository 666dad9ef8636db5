import { isLive } from "../../src/adapters/kubernetes/stored-request.ts";
import { lostIn } from "../support/conservation.ts";
import { fingerprint } from "../support/ledger-builders.ts";
import type { Whereabouts } from "./chronicle.ts";
import { countOn, isPresent, type Track } from "./requests.ts";
import { START_MS } from "./virtual-time.ts";
import type { World } from "./world.ts";

/** A promise that a run has broken. */
export interface Finding {
  readonly what:
    | "lost"
    | "two-live"
    | "two-of-window"
    | "held-twice"
    | "intent-twice"
    | "counted-too-little"
    | "counted-too-much"
    | "believed-against-knowledge"
    | "vouched-for-too-long"
    | "never-rests"
    | "never-answered"
    | "answered-late"
    | "broken"
    | "not-conserved";
  readonly detail: string;
}

/** How long news of an end is on its way from a watch to the ledger, where no call is repeated. */
const NEWS_MS = 1_500;

const WORDS = [..."vwxyz"];
const at = (ms: number): string => `${(ms - START_MS) / 1_000} s`;

/** What is broken at rest. */
export function judgeAtRest(world: World): readonly Finding[] {
  return [
    ...world.errors.map((error): Finding => ({ what: "broken", detail: String(error) })),
    ...world.beliefs.wrong,
    ...world.lateAnswers.map((detail): Finding => ({ what: "answered-late", detail })),
    ...WORDS.flatMap((word) => [...lost(world, word), ...twoLive(world, word), ...miscounted(world, word)]),
    ...miscountedInAll(world),
    ...twoOfWindow(world),
    ...heldTwice(world),
    ...intentTwice(world),
  ];
}

/**
 * Who fires has a request that was live when it last fired. What a lost ledger took with it is left out by Chronicle.lost; an end that tells no time
 * counts from when a watch heard of it.
 */
function lost({ chronicle, tracks }: World, word: string): Finding[] {
  const known = chronicle.whereabouts.get(fingerprint(word));
  const since = known && chronicle.firesSince(known);
  if (since == null) return [];
  const cares = (track: Track) => {
    const endedMs = track.endedMs ?? Number.POSITIVE_INFINITY;
    const isTold = track.removedMs === null && (track.last.completedAtMs ?? track.last.deletedAtMs) !== null;
    return endedMs >= since || (!isTold && track.heardMs + NEWS_MS >= since);
  };
  const holding = tracks.holding(fingerprint(word)).filter(({ takenBackMs }) => takenBackMs === null);
  if (holding.some(cares)) return [];
  const ends = holding.map(({ last, endedMs }) => `${last.name} ended at ${at(endedMs ?? 0)}`).join(", ");
  return [{ what: "lost", detail: `${word} fires since ${at(since)}, and ${ends || "no request was ever made for it"}` }];
}

/** One that a controller has begun to work on is not taken back; and what nobody looks after once it is made, only a watch finds. */
function twoLive({ plan, stray, tracks }: World, word: string): Finding[] {
  if (stray > 0 && !plan.watched) return [];
  const live = tracks.live().filter(({ last }) => !last.storm && last.fingerprint === fingerprint(word));
  if (live.length <= 1 || live.some(({ last }) => last.phase !== "")) return [];
  return [{ what: "two-live", detail: `${word}: ${live.map(({ last }) => last.name).join(", ")}` }];
}

function twoOfWindow({ tracks }: World): Finding[] {
  const names = tracks.live().flatMap(({ last }) => (last.storm ? [last.name] : []));
  const twice = names.filter((name, index) => names.indexOf(name) < index);
  return twice.map((name) => ({ what: "two-of-window", detail: name }));
}

/** What the ledger says of itself: all that was ever owed to alerts was settled, or stands open. */
export async function unaccounted({ ledger }: World): Promise<readonly Finding[]> {
  const detail = lostIn(await ledger.survey());
  return detail === null ? [] : [{ what: "not-conserved", detail }];
}

/** No request is made for who has been in another live one for long. */
function heldTwice({ tracks }: World): Finding[] {
  const doubles = [...tracks.all.values()].filter(isPresent).flatMap(({ last, doubles }) => doubles.map((double) => ({ last, ...double })));
  return doubles.map(({ last, id, elder }) => ({ what: "held-twice", detail: `${id} in ${elder.last.name} and then in ${last.name}` }));
}

/** As long as nothing was deleted and no namespace went. */
function intentTwice({ tracks, namespacesMoved }: World): Finding[] {
  const all = [...tracks.all.values()];
  if (namespacesMoved || all.some(({ removedMs }) => removedMs !== null)) return [];
  const intents = all.filter(isPresent).flatMap(({ last }) => last.intent ?? []);
  const twice = intents.filter((intent, index) => intents.indexOf(intent) < index);
  return twice.map((intent) => ({ what: "intent-twice", detail: intent }));
}

/** Deliveries that must be, and that may be, counted. */
function expected(
  chronicle: World["chronicle"],
  { deliveries, uncounted }: Whereabouts,
): { readonly least: number; readonly most: number } {
  const all = [...deliveries];
  return {
    least: all.filter(([delivery]) => chronicle.answered.has(delivery) && !uncounted.has(delivery)).length,
    most: all.reduce((sum, [, { times }]) => sum + times, 0),
  };
}

/** Whether all that was counted can be read from what is there. A proxy that dies takes along what it counted without the ledger and has not written. */
const isWhole = ({ plan, chronicle, tracks, proxiesCrashed, countedDirectly }: World): boolean =>
  chronicle.losses === 0 &&
  !(countedDirectly && proxiesCrashed > 0) &&
  [...tracks.all.values()].every(({ removedMs, erased }) => removedMs === null && !(erased && (proxiesCrashed > 0 || !plan.watched)));

function miscounted(world: World, word: string): Finding[] {
  const { plan, chronicle, tracks } = world;
  const known = chronicle.whereabouts.get(fingerprint(word));
  if (!known || plan.storms || !isWhole(world)) return [];
  const own = tracks.holding(fingerprint(word)).filter(isPresent);
  const { least, most } = expected(chronicle, known);
  // What a ledger that did not answer has counted may count once more without it.
  return compare(word, own, { least, most: world.countedDirectly ? Number.POSITIVE_INFINITY : most });
}

/** A storm counts all its members in one. */
function miscountedInAll(world: World): Finding[] {
  const { plan, chronicle, tracks } = world;
  if (!plan.storms || !isWhole(world)) return [];
  const least = [...chronicle.whereabouts.values()].reduce((sum, known) => sum + expected(chronicle, known).least, 0);
  const cancelled = [...chronicle.whereabouts.values()].some(({ resolved }) => resolved.size > 0);
  return cancelled ? [] : compare("all", [...tracks.all.values()].filter(isPresent), { least, most: Number.POSITIVE_INFINITY });
}

function compare(whose: string, requests: readonly Track[], { least, most }: { readonly least: number; readonly most: number }): Finding[] {
  const counted = requests.reduce((sum, track) => sum + countOn(track), 0);
  const detail = `${whose}: ${counted} of ${least === most ? least : `${least} to ${most}`}`;
  if (counted < least) return [{ what: "counted-too-little", detail }];
  const isExact = requests.every(({ last }) => isLive(last));
  return isExact && counted > most ? [{ what: "counted-too-much", detail }] : [];
}
