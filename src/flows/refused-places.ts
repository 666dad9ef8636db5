import { isRefusal, type Trouble, troubleOf } from "../domain/trouble.ts";
import type { OperationResult } from "../ports/remediation-writer.ts";

/** Why an operation has to be tried again; null: it need not be. */
export function troubleIn(result: OperationResult): Trouble | null {
  if (result.kind === "pending") return "not-reached";
  return result.kind === "failed" ? troubleOf(result.reason) : null;
}

/** The places where Kubernetes said no and let nothing through. Results in the order of the tasks; one that is missing was not reached. */
export function refusedPlaces(tasks: readonly { readonly place: string }[], results: readonly OperationResult[]): ReadonlySet<string> {
  const troubles = tasks.map(({ place }, at) => ({ place, trouble: troubleIn(results[at] ?? { kind: "pending" }) }));
  const open = new Set(troubles.flatMap(({ place, trouble }) => (trouble === null ? [place] : [])));
  return new Set(troubles.flatMap(({ place, trouble }) => (trouble && isRefusal(trouble) && !open.has(place) ? [place] : [])));
}
