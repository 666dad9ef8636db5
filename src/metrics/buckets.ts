import type { Sample } from "./family-text.ts";

/** A histogram's samples. `counts`: how many lay within each bound and above the one before; the last one, above all. */
export function bucketSamples(
  labels: Sample["labels"],
  bounds: readonly number[],
  { counts, sum }: { readonly counts: readonly number[]; readonly sum: number },
): Sample[] {
  let within = 0;
  const buckets = [...bounds, "+Inf"].map((bound, at): Sample => {
    within += counts[at] ?? 0;
    return { part: "_bucket", labels: { ...labels, le: String(bound) }, value: within };
  });
  return [...buckets, { part: "_sum", labels, value: sum }, { part: "_count", labels, value: within }];
}
