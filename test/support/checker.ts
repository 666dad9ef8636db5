import type { FaultBench } from "./faults/bench.ts";
import type { Loss } from "./faults/faults.ts";
import type { Taken } from "./faults/load.ts";
import { READ_TOKEN } from "./installation.ts";
import { pathOf } from "./requests.ts";
import type { AlertResult } from "./sender.ts";

/** What is said of acknowledged alerts, once all that was owed is done. Names are fingerprints. */
export interface Verdict {
  /** Acknowledged and found nowhere. */
  readonly lost: readonly string[];
  /** Held by two live requests. */
  readonly doubled: readonly string[];
  /** Acknowledged as resolved, and shown as firing. */
  readonly unresolved: readonly string[];
  /** Counted less often than acknowledged; or, of all in storms, `sum`. */
  readonly under: readonly string[];
  /** Counted more often, and nothing that is documented explains it. */
  readonly over: readonly string[];
  /** Counted more often than acknowledged by so much, as documented: a call of unknown outcome came before another way of deciding. */
  readonly overAsDocumented: number;
  /** Alerts that would count as lost or counted too little, had the fault not taken them along as documented. */
  readonly excluded: number;
}

export interface Claims {
  readonly namespace: string;
  readonly taken: readonly Taken[];
  /**
   * What the fault takes along: of what was answered since the one time and sent until the other, by performance.now(). What was sent before may have
   * been decided before, though its answer came later.
   */
  readonly losses: ReadonlySet<Loss>;
  readonly lostSinceMs: number;
  readonly lostUntilMs: number;
  /** The ledger could not be relied on: what a first sending had done there, the next could not know where it was decided without it. */
  readonly ledgerBroken: boolean;
  /** Objects that somebody deleted once they held all they were to hold, with the time of that in them. */
  readonly deleted?: readonly Shown[];
  /** By fingerprint: requests that somebody ended. */
  readonly ended?: ReadonlyMap<string, Ended>;
}

/** A request, and since when everybody could know that it was over, by performance.now(). */
export interface Ended {
  readonly name: string;
  readonly endedMs: number;
}

/** What is read of an object. */
export interface Shown {
  readonly metadata: {
    readonly name: string;
    readonly creationTimestamp?: string;
    readonly deletionTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec: { readonly signalFingerprint: string; readonly isStorm?: boolean; readonly providerData?: string };
  readonly status?: {
    readonly overallPhase?: string;
    readonly deduplication?: { readonly occurrenceCount: number; readonly resolvedAt?: string };
    readonly storm?: { readonly members?: readonly string[] };
  };
}

/** Outcomes that say that the alert counts on a request. */
const COUNTED = new Set(["created", "accepted", "duplicate", "buffered", "aggregated", "appended"]);
const ENDED = new Set(["Completed", "Failed", "Cancelled", "Skipped", "TimedOut"]);

export const isLive = ({ metadata, status }: Shown) => !metadata.deletionTimestamp && !ENDED.has(status?.overallPhase ?? "");
const countOf = ({ status }: Shown) => status?.deduplication?.occurrenceCount ?? 1;
/** A storm is made of and lists 16 hex digits of each member. */
export const idOf = (fingerprint: string) => fingerprint.slice(0, 16);
export const membersOf = ({ spec, status }: Shown): ReadonlySet<string> => {
  const provided = JSON.parse(Buffer.from(spec.providerData || "e30=", "base64").toString()) as { storm?: { ids: string } };
  const listed = status?.storm?.members?.map((line) => line.slice(0, 16)) ?? [];
  return new Set([...(provided.storm?.ids.match(/.{16}/g) ?? []), ...listed]);
};
/** By id, which requests hold an alert: its own, and storms that it is a member of. */
export const holdersOf = (objects: readonly Shown[]): Map<string, Shown[]> => {
  const holders = new Map<string, Shown[]>();
  for (const object of objects) {
    const ids = object.spec.isStorm ? membersOf(object) : [idOf(object.spec.signalFingerprint)];
    for (const id of ids) holders.set(id, [...(holders.get(id) ?? []), object]);
  }
  return holders;
};

/** Acknowledged occurrences of a fingerprint: a delivery counts it once, an event by how much its own count has grown. */
interface Occurrence {
  readonly result: AlertResult;
  readonly attempts: number;
  readonly sentMs: number;
  readonly worth: number;
  readonly isExcused: boolean;
}

function occurrencesOf(claims: Claims, outcomes: ReadonlySet<string>): Map<string, Occurrence[]> {
  const { losses, lostSinceMs, lostUntilMs } = claims;
  const occurrences = new Map<string, Occurrence[]>();
  for (const { delivery, results, attempts, sentMs, answeredMs } of claims.taken)
    for (const result of new Map(results.map((one) => [one.fingerprint, one])).values()) {
      if (!outcomes.has(result.outcome)) continue;
      const isDirect = result.rung === "direct";
      const takesAlong = isDirect ? losses.has("direct-counts") : losses.has("redis-data") || losses.has("redis-tail");
      const isExcused = takesAlong && sentMs <= lostUntilMs && answeredMs >= lostSinceMs;
      const occurrence = { result, attempts, sentMs, worth: delivery.worth ?? 1, isExcused };
      occurrences.set(result.fingerprint, [...(occurrences.get(result.fingerprint) ?? []), occurrence]);
    }
  return occurrences;
}

/** Only what the ledger alone knew is gone with it: a request that was named stays, but a storm may not have listed its member yet. */
const mayBeLost = (all: readonly Occurrence[], fleeting: ReadonlySet<string>) =>
  all.every(({ isExcused, result: { remediationRequest } }) => isExcused && (!remediationRequest || fleeting.has(remediationRequest.name)));

const worthOf = (occurrences: readonly Occurrence[]) => occurrences.reduce((sum, { worth }) => sum + worth, 0);

/** What is said of one fingerprint's requests, be they its own or storms. */
interface Weighed {
  /** Of what fired after the end of its request none is needed, or one is there. */
  readonly isHeld: boolean;
  readonly needy: readonly Occurrence[];
  readonly total: number;
  readonly counted: number;
  /** What may be missing: taken along, or an event's growth, which without the ledger counts once. */
  readonly excused: number;
  readonly unseen: number;
  /** What may be counted once more: decided twice, or also on a request that was over. */
  readonly unclear: number;
  readonly twice: number;
}

function weigh(all: readonly Occurrence[], held: readonly Shown[], end: Ended | undefined, mixed: boolean): Weighed {
  const needy = end ? all.filter(({ sentMs }) => sentMs > end.endedMs) : all;
  const caring = end ? held.filter(({ metadata }) => metadata.name !== end.name) : held;
  const isUnclear = ({ attempts, result }: Occurrence) => mixed && (attempts > 1 || result.rung === "direct");
  return {
    isHeld: needy.length === 0 || caring.length > 0,
    needy,
    total: worthOf(all),
    counted: held.reduce((sum, object) => sum + countOf(object), 0),
    excused: worthOf(all.filter(({ isExcused }) => isExcused)),
    unseen: all.reduce((sum, { result, worth }) => sum + (result.rung === "direct" ? worth - 1 : 0), 0),
    unclear: worthOf(all.filter(isUnclear)),
    twice: end ? worthOf(needy) : 0,
  };
}

/** Judges what the API server shows against what was acknowledged. */
export function judge(claims: Claims, present: readonly Shown[]): Verdict {
  const objects = [...(claims.deleted ?? []), ...present];
  const holders = holdersOf(objects);
  const ended = claims.ended ?? new Map<string, Ended>();
  const endedIds = new Set([...ended.keys()].map(idOf));
  const isShared = (id: string, held: readonly Shown[]) => held.some(({ spec }) => spec.isStorm) || (held.length > 1 && !endedIds.has(id));
  const storms = objects.filter(({ spec }) => spec.isStorm).map(({ metadata }) => metadata.name);
  const fleeting = new Set([...storms, ...[...ended.values()].map(({ name }) => name)]);
  const mixed = claims.ledgerBroken || claims.taken.some(({ results }) => results.some(({ rung }) => rung === "direct"));
  const [lost, under, over]: [string[], string[], string[]] = [[], [], []];
  let [overAsDocumented, excluded, inStorms, explained] = [0, 0, 0, 0];
  for (const [fingerprint, all] of occurrencesOf(claims, COUNTED)) {
    const held = holders.get(idOf(fingerprint)) ?? [];
    const { isHeld, needy, total, counted, excused, unseen, unclear, twice } = weigh(all, held, ended.get(fingerprint), mixed);
    // A storm may have counted one that has a request of its own by now.
    explained += unclear + excused;
    if (!isHeld) {
      if (mayBeLost(needy, fleeting)) excluded += worthOf(needy);
      else lost.push(fingerprint);
    } else if (isShared(idOf(fingerprint), held)) inStorms += total - excused;
    else if (counted < total - excused - unseen) under.push(`${fingerprint} ${counted} of ${total}`);
    else if (counted < total) excluded += total - counted;
    else if (counted > total + unclear + twice) over.push(`${fingerprint} ${counted} of ${total}`);
    else overAsDocumented += counted - total;
  }
  const shared = new Set([...holders].flatMap(([id, held]) => (isShared(id, held) ? held : [])));
  const sum = [...shared].reduce((total, object) => total + countOf(object), 0);
  if (sum < inStorms) under.push(`sum ${sum} of ${inStorms}`);
  else if (sum > inStorms + explained) over.push(`sum ${sum} of ${inStorms}`);
  else overAsDocumented += sum - inStorms;
  const doubled = [...holders].filter(([, held]) => held.filter(isLive).length > 1).map(([id]) => id);
  return { lost, doubled, unresolved: unresolvedOf(claims, holders), under, over, overAsDocumented, excluded };
}

const RESOLVED = new Set(["resolved", "cancelled", "ignored"]);

/** A resolve shows in each live request of its alert. One that is ignored was sent where nobody knew of the alert: only after a loss. */
function unresolvedOf(claims: Claims, holders: ReadonlyMap<string, readonly Shown[]>): string[] {
  return [...occurrencesOf(claims, RESOLVED)].flatMap(([fingerprint, all]) => {
    const isLost = claims.losses.has("redis-data") || all.some(({ isExcused }) => isExcused);
    const live = (holders.get(idOf(fingerprint)) ?? []).filter(isLive);
    const isShown = live.every(({ status }) => status?.deduplication?.resolvedAt !== undefined);
    const isTaken = all.every(({ result }) => result.outcome !== "ignored");
    return isLost || (isTaken && isShown) ? [] : [fingerprint];
  });
}

export const isClean = ({ lost, doubled, unresolved, under, over }: Verdict): boolean =>
  [lost, doubled, unresolved, under, over].every(({ length }) => length === 0);

const PAGE = 500;

/** Everything that the API server holds in a namespace. */
export async function objectsIn(bench: Pick<FaultBench, "askApi">, namespace: string): Promise<Shown[]> {
  const path = `${pathOf(namespace)}?limit=${PAGE}`;
  const objects: Shown[] = [];
  let next = "";
  do {
    const { status, body } = await bench.askApi(next ? `${path}&continue=${encodeURIComponent(next)}` : path);
    if (status !== 200) throw new Error(`the API server answered ${status}`);
    const { items, metadata } = body as { readonly items: Shown[]; readonly metadata: { readonly continue?: string } };
    objects.push(...items);
    next = metadata.continue ?? "";
  } while (next);
  return objects;
}

/** What cannot be read from objects: invalid alerts are dead letters, and a receipt names the request that holds its alert. Names what is amiss. */
export async function checkReadouts(bench: FaultBench, claims: Claims, samples = 5): Promise<string[]> {
  if (claims.losses.has("redis-data")) return [];
  const { url } = bench.gateways[1];
  const ask = async (path: string, token: string) =>
    (await fetch(new URL(path, url), { headers: { authorization: `Bearer ${token}` } })).json() as Promise<Record<string, unknown>>;
  const problems: string[] = [];
  const results = claims.taken.flatMap((one) => one.results);
  const invalid = results.filter(({ outcome }) => outcome === "quarantined");
  const metrics = await (await fetch(new URL("/metrics", url), { headers: { authorization: `Bearer ${READ_TOKEN}` } })).text();
  const letters = Number(/^gateway_dead_letters\{[^}]*\} (\d+)$/m.exec(metrics)?.[1] ?? 0);
  if (letters < new Set(invalid.map(({ fingerprint }) => fingerprint)).size) problems.push(`${letters} dead letters for ${invalid.length}`);
  const known = results.filter(({ outcome, rung }) => COUNTED.has(outcome) && rung !== "direct").slice(0, samples);
  for (const { fingerprint } of known) {
    const receipt = await ask(`/api/v1/receipts?fingerprint=${fingerprint}`, bench.installation.sourceToken);
    if (!receipt.remediationRequest) problems.push(`no request in the receipt of ${fingerprint}: ${receipt.state ?? receipt.code}`);
  }
  return problems;
}
