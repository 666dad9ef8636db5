import { sha256HexNow } from "./sha256.ts";

/** What an operator turns on for all namespaces of a cluster, for none, or for a share of them. */
export const FEATURES = ["state-based-dedup", "storm-buffering"] as const;
export type Feature = (typeof FEATURES)[number];

/** Of each feature the percent of namespaces that have it, 0 to 100. */
export type Shares = Readonly<Record<Feature, number>>;

/** `true`, `false` or whole percents, as people write a share. */
export const SHARE = /^(?:true|false|(?:100|[1-9]?\d)%)$/;

/** 0 to 100, of what SHARE matches. */
export const percentOf = (share: string): number => (share === "true" ? 100 : share === "false" ? 0 : Number.parseInt(share, 10));

/** A namespace's places among all, one for each feature in their order, 0 to 9999: it has a feature if its place is below the feature's share. */
export type Places = readonly [stateBasedDedup: number, stormBuffering: number];

const PLACES = 10_000;

/** Most namespaces whose places are remembered, some 150 bytes each. */
const REMEMBERED_MAX = 20_000;

const remembered = new Map<string, Places>();

/**
 * The same in every process, and for good. A larger share contains a smaller one, and who has one feature says nothing of the other: their places come from
 * different parts of a SHA-256.
 */
export function placesOf(cluster: string, namespace: string): Places {
  const name = `${cluster}/${namespace}`;
  const known = remembered.get(name);
  if (known) return known;
  const hash = sha256HexNow(name);
  const placeAt = (digit: number) => Number.parseInt(hash.slice(digit, digit + 8), 16) % PLACES;
  const places = [placeAt(0), placeAt(8)] as const;
  if (remembered.size >= REMEMBERED_MAX) remembered.clear();
  remembered.set(name, places);
  return places;
}
