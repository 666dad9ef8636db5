import { isProblem } from "./api-failure.ts";
import type { LookParts } from "./look.ts";
import { type Pace, patiently } from "./pace.ts";
import type { RequestApi, RequestManifest } from "./request-api.ts";
import type { RequestView } from "./request-view.ts";
import type { StoredRequest } from "./stored-request.ts";

export interface EnsureParts extends LookParts {
  readonly api: Pick<RequestApi, "create" | "delete">;
  readonly view: Pick<RequestView, "list" | "listSince" | "remembered" | "sessionOf">;
  /** Every creation goes through here. */
  create<T>(creation: () => Promise<T>): Promise<T>;
  /** Two creators met, and this one took its object back, or had to leave it. */
  onCollision(): void;
}

/** Creators that met are spread by then; what is left is tried again later. */
export const ROUNDS = 4;

/** Creates an object in its namespace, or in the fallback where that is missing or going away. Null: somebody else was quicker with the name. */
export async function createIn(
  namespace: string,
  manifest: RequestManifest,
  { api, fallbackNamespace, create }: EnsureParts,
  pace: Pace,
): Promise<StoredRequest | null> {
  const within = (where: string) => create(() => patiently(pace, () => api.create(where, manifest)));
  try {
    return await within(namespace || fallbackNamespace).catch((error) => {
      const elsewhere = namespace && namespace !== fallbackNamespace;
      if (elsewhere && isProblem(error, "namespace-missing", "namespace-terminating")) return within(fallbackNamespace);
      throw error;
    });
  } catch (error) {
    if (isProblem(error, "already-exists")) return null;
    throw error;
  }
}

/** Deletes an object unless it has changed; false: it has. */
export async function takeBack(request: StoredRequest, { api }: Pick<EnsureParts, "api">, pace: Pace): Promise<boolean> {
  try {
    await patiently(pace, () => api.delete(request));
  } catch (error) {
    if (isProblem(error, "conflict")) return false;
    if (!isProblem(error, "not-found")) throw error;
  }
  return true;
}
