import type { RequestId } from "../../domain/remediation-request.ts";
import { isProblem } from "./api-failure.ts";
import { type Pace, patiently } from "./pace.ts";
import type { RequestApi } from "./request-api.ts";
import type { StoredRequest } from "./stored-request.ts";

/** The object with this uid; null once there is none: a name is used again after a deletion, a uid never. */
export async function find(request: RequestId, api: Pick<RequestApi, "get">, pace: Pace): Promise<StoredRequest | null> {
  const found = await patiently(pace, () => api.get(request)).catch((error) => {
    if (isProblem(error, "not-found")) return null;
    throw error;
  });
  return found?.uid === request.uid ? found : null;
}
