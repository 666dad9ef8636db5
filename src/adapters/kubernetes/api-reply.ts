import { ApiException } from "@kubernetes/client-node";
import * as v from "valibot";
import { ApiFailure, type ApiProblem } from "./api-failure.ts";

/** The part of a `Status` (Kubernetes API conventions) that tells problems apart which share a code. */
const Status = v.object({
  kind: v.literal("Status"),
  reason: v.fallback(v.string(), ""),
  message: v.fallback(v.string(), ""),
  details: v.fallback(
    v.object({
      kind: v.fallback(v.string(), ""),
      retryAfterSeconds: v.fallback(v.nullable(v.number(), null), null),
      causes: v.fallback(v.array(v.object({ reason: v.fallback(v.string(), ""), field: v.fallback(v.string(), "") })), []),
    }),
    { kind: "", retryAfterSeconds: null, causes: [] },
  ),
});
type Status = v.InferOutput<typeof Status>;

/** What a rejected call of client-node means. */
export function toApiFailure(error: unknown): ApiFailure {
  if (error instanceof ApiFailure) return error;
  if (!(error instanceof ApiException)) return new ApiFailure(isTimeout(error) ? "timeout" : "api-unreachable");
  const status = readStatus(error.body);
  return new ApiFailure(problemOf(error.code, status), retryAfterMs(error.headers?.["retry-after"], status));
}

function problemOf(code: number, status: Status | null): ApiProblem {
  if (DENIAL_CODES.has(code) && isDenial(status)) return "admission-denied";
  switch (code) {
    case 400:
      return "bad-request";
    case 401:
      return "unauthorized";
    case 403:
      return whyForbidden(status);
    case 404:
      return whatIsMissing(status);
    case 409:
      return status?.reason === "AlreadyExists" ? "already-exists" : "conflict";
    case 410:
      return "expired";
    case 413:
      return "too-large";
    case 422:
      return blamesField(status) ? "invalid" : "unprocessable";
    case 429:
      return "throttled";
    case 504:
      return "timeout";
    default:
      return status?.message.includes(ETCD_TOO_LARGE) ? "too-large" : "api-error";
  }
}

/** Codes of a refusal that policies and webhooks may choose, and the API server uses as well. */
const DENIAL_CODES: ReadonlySet<number> = new Set([400, 403, 413, 422]);

/** An object beyond etcd's limit is answered 500. */
const ETCD_TOO_LARGE = "etcdserver: request is too large";

/** What is quoted in a message may be the object's own text. */
const QUOTED = /"(?:[^"\\]|\\.)*"/g;

/** `admission webhook "…" denied the request: …` and `… ValidatingAdmissionPolicy '…' … denied request: …` begin what such a one says. */
const isDenial = (status: Status | null): boolean => /webhook|policy/i.test(status?.message.replaceAll(QUOTED, "") ?? "");

const blamesField = (status: Status | null): boolean =>
  status?.reason === "Invalid" && status.details.causes.some(({ field }) => field !== "");

function whyForbidden(status: Status | null): ApiProblem {
  if (status?.details.causes.some(({ reason }) => reason === "NamespaceTerminating")) return "namespace-terminating";
  // The quota plugin leaves no reason of its own.
  return status?.message.includes("exceeded quota") ? "quota" : "forbidden";
}

/** A missing type is answered in plain text: an object of it is not thereby gone. */
function whatIsMissing(status: Status | null): ApiProblem {
  if (status?.reason !== "NotFound") return "type-missing";
  return status.details.kind === "namespaces" ? "namespace-missing" : "not-found";
}

function readStatus(body: unknown): Status | null {
  const parsed = v.safeParse(v.union([Status, v.pipe(v.string(), v.parseJson(), Status)]), body);
  return parsed.success ? parsed.output : null;
}

function retryAfterMs(header: string | undefined, status: Status | null): number | null {
  const seconds = header === undefined ? status?.details.retryAfterSeconds : Number(header);
  return typeof seconds === "number" && seconds >= 0 ? seconds * 1000 : null;
}

/** Also where a transport wraps the signal's error in its own. */
function isTimeout(error: unknown): boolean {
  const names = [error, (error as { cause?: unknown } | null)?.cause].map((each) => (each as { name?: unknown } | null)?.name);
  return names.some((name) => name === "TimeoutError" || name === "AbortError");
}
