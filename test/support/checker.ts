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
  /** What the fault takes along, and when it had done so: what was sent before may have been decided before, though its answer came later. */
  readonly losses: ReadonlySet<Loss>;
  readonly lostUntilMs: number;
  /** The ledger could not be relied on: what a first sending had done there, the next could not know where it was decided without it. */
  readonly ledgerBroken: boolean;
  /** Objects that somebody deleted once they held all they were to hold, with the time of that in them. */
  readonly deleted?: readonly Shown[];
}

/** What is read of an object. */
export interface Shown {
  readonly metadata: { readonly name: string; readonly deletionTimestamp?: string };
  readonly spec: { readonly signalFingerprint: string; readonly isStorm?: boolean; readonly providerData?: string };
  readonly status?: {
    readonly overallPhase?: string;
    readonly deduplication?: { readonly occurrenceCount: number };
    readonly storm?: { readonly members?: readonly string[] };
  };
}

/** Outcomes that say that the alert counts on a request. */
const COUNTED = new Set(["created", "accepted", "duplicate", "buffered", "aggregated", "appended"]);
const ENDED = new Set(["Completed", "Failed", "Cancelled", "Skipped", "TimedOut"]);

const isLive = ({ metadata, status }: Shown) => !metadata.deletionTimestamp && !ENDED.has(status?.overallPhase ?? "");
const countOf = ({ status }: Shown) => status?.deduplication?.occurrenceCount ?? 1;
/** A storm is made of and lists 16 hex digits of each member. */
const idOf = (fingerprint: string) => fingerprint.slice(0, 16);
const membersOf = ({ spec, status }: Shown): ReadonlySet<string> => {
  const provided = JSON.parse(Buffer.from(spec.providerData || "e30=", "base64").toString()) as { storm?: { ids: string } };
  const listed = status?.storm?.members?.map((line) => line.slice(0, 16)) ?? [];
  return new Set([...(provided.storm?.ids.match(/.{16}/g) ?? []), ...listed]);
};
const holdersOf = (objects: readonly Shown[]): Map<string, Shown[]> => {
  const holders = new Map<string, Shown[]>();
  for (const object of objects) {
    const ids = object.spec.isStorm ? membersOf(object) : [idOf(object.spec.signalFingerprint)];
    for (const id of ids) holders.set(id, [...(holders.get(id) ?? []), object]);
  }
  return holders;
};

/** One acknowledged occurrence of a fingerprint: a delivery counts it once. */
interface Occurrence {
  readonly result: AlertResult;
  readonly attempts: number;
  readonly isExcused: boolean;
}

function occurrencesOf({ taken, losses, lostUntilMs }: Claims): Map<string, Occurrence[]> {
  const occurrences = new Map<string, Occurrence[]>();
  for (const { results, attempts, sentMs } of taken)
    for (const result of new Map(results.map((one) => [one.fingerprint, one])).values()) {
      const early = sentMs <= lostUntilMs;
      const byRedis = losses.has("redis-data") && early && result.rung !== "direct";
      const byProxy = losses.has("direct-counts") && early && result.rung === "direct";
      if (!COUNTED.has(result.outcome)) continue;
      const isExcused = byRedis || byProxy;
      occurrences.set(result.fingerprint, [...(occurrences.get(result.fingerprint) ?? []), { result, attempts, isExcused }]);
    }
  return occurrences;
}

/** Only what the ledger alone knew is gone with it: a request that was named stays, but a storm may not have listed its member yet. */
const mayBeLost = (all: readonly Occurrence[], storms: ReadonlySet<string>) =>
  all.every(({ isExcused, result: { remediationRequest } }) => isExcused && (!remediationRequest || storms.has(remediationRequest.name)));

/** Judges what the API server shows against what was acknowledged. */
export function judge(claims: Claims, present: readonly Shown[]): Verdict {
  const objects = [...(claims.deleted ?? []), ...present];
  const holders = holdersOf(objects);
  const occurrences = occurrencesOf(claims);
  const stormNames = new Set(objects.filter(({ spec }) => spec.isStorm).map(({ metadata }) => metadata.name));
  const mixed = claims.ledgerBroken || claims.taken.some(({ results }) => results.some(({ rung }) => rung === "direct"));
  const [lost, under, over]: [string[], string[], string[]] = [[], [], []];
  let [overAsDocumented, excluded, inStorms, explained] = [0, 0, 0, 0];
  for (const [fingerprint, all] of occurrences) {
    const held = holders.get(idOf(fingerprint)) ?? [];
    const unclear = !mixed ? 0 : all.filter(({ attempts, result }) => attempts > 1 || result.rung === "direct").length;
    const excused = all.filter(({ isExcused }) => isExcused).length;
    // A storm may have counted one that has a request of its own by now.
    explained += unclear + excused;
    if (held.length === 0) {
      if (mayBeLost(all, stormNames)) excluded += all.length;
      else lost.push(fingerprint);
    } else if (held.some(({ spec }) => spec.isStorm) || held.length > 1) {
      inStorms += all.length - excused;
    } else {
      const counted = countOf(held[0] as Shown);
      if (counted < all.length - excused) under.push(`${fingerprint} ${counted} of ${all.length}`);
      else if (counted < all.length) excluded += all.length - counted;
      else if (counted > all.length + unclear) over.push(`${fingerprint} ${counted} of ${all.length}`);
      else overAsDocumented += counted - all.length;
    }
  }
  const storms = new Set([...holders.values()].flatMap((held) => (held.some(({ spec }) => spec.isStorm) || held.length > 1 ? held : [])));
  const sum = [...storms].reduce((total, object) => total + countOf(object), 0);
  if (sum < inStorms) under.push(`sum ${sum} of ${inStorms}`);
  else if (sum > inStorms + explained) over.push(`sum ${sum} of ${inStorms}`);
  else overAsDocumented += sum - inStorms;
  const doubled = [...holders].filter(([, held]) => held.filter(isLive).length > 1).map(([id]) => id);
  return { lost, doubled, under, over, overAsDocumented, excluded };
}

export const isClean = ({ lost, doubled, under, over }: Verdict): boolean =>
  [lost, doubled, under, over].every(({ length }) => length === 0);

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
