import { type Pace, patiently } from "./pace.ts";
import type { RequestView } from "./request-view.ts";
import type { FreshList } from "./shared-lists.ts";
import type { StoredRequest } from "./stored-request.ts";

/** How new a state has to be: any that a watch shows, one that shows `held` or what became of it, or one at least as new as the look. */
export type Age = { readonly kind: "any" } | { readonly kind: "since"; readonly held: StoredRequest } | { readonly kind: "fresh" };

export interface LookParts {
  readonly lists: FreshList;
  readonly view: Pick<RequestView, "list" | "listSince">;
  readonly fallbackNamespace: string;
}

/** What is looked for; `namespace` empty: none. */
export interface Question {
  readonly namespace: string;
  readonly fingerprints: readonly string[];
  readonly age: Age;
}

/**
 * The requests where those of a namespace may be, the fallback namespace included: at least all that have or hold one of the fingerprints, or, with
 * `since`, that of `held`.
 */
export async function look({ namespace, fingerprints, age }: Question, parts: LookParts, pace: Pace): Promise<readonly StoredRequest[]> {
  const { lists, view, fallbackNamespace } = parts;
  const shown = async (where: string) => {
    if (age.kind === "any") return view.list(where, fingerprints);
    return age.kind === "since" ? view.listSince(age.held, where) : null;
  };
  const lookIn = async (where: string) => (await shown(where)) ?? patiently(pace, () => lists(where));
  const namespaces = new Set([namespace || fallbackNamespace, fallbackNamespace]);
  return (await Promise.all([...namespaces].map(lookIn))).flat();
}
