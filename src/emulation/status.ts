/** One thing that is wrong with an object, as `details.causes` of a Status names it. */
export interface Cause {
  readonly reason:
    | "FieldValueRequired"
    | "FieldValueInvalid"
    | "FieldValueTypeInvalid"
    | "FieldValueNotSupported"
    | "FieldValueTooLong"
    | "FieldValueForbidden";
  readonly message: string;
  readonly field: string;
}

export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly Cause[];
}

/** What a Status is about: `kind` is the plural for most answers and the kind itself for `Invalid`, as the API server does it. */
export interface Subject {
  readonly group: string;
  readonly kind: string;
  readonly name: string;
}

/** A request that is answered with a Kubernetes `Status` of failure (Kubernetes API conventions, "Response Status Kind"). */
export class StatusError extends Error {
  override readonly name = "StatusError";
  readonly code: number;
  readonly reason: string;
  readonly details: StatusDetails | null;

  constructor(code: number, reason: string, message: string, details: StatusDetails | null = null) {
    super(message);
    this.code = code;
    this.reason = reason;
    this.details = details;
  }
}

const title = ({ group, kind, name }: Subject) => `${group === "" ? kind : `${kind}.${group}`} "${name}"`;
const about = ({ group, kind, name }: Subject): StatusDetails => (group === "" ? { name, kind } : { name, group, kind });

/** 400 */
export const badRequest = (message: string) => new StatusError(400, "BadRequest", message);

/** 401 */
export const unauthorized = () => new StatusError(401, "Unauthorized", "Unauthorized");

/** 403, as a ResourceQuota answers it: it may go better later. */
export const quotaExceeded = (subject: Subject, quota: string) =>
  new StatusError(403, "Forbidden", `${title(subject)} is forbidden: exceeded quota: ${quota}`, about(subject));

/** 404 for a path that nothing is served at. */
export const unknownPath = () => new StatusError(404, "NotFound", "the server could not find the requested resource", {});

/** 404 for an object. */
export const notFound = (subject: Subject) => new StatusError(404, "NotFound", `${title(subject)} not found`, about(subject));

/** 405 */
export const methodNotAllowed = () =>
  new StatusError(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", {});

/** 409 for a name that is taken. */
export const alreadyExists = (subject: Subject) =>
  new StatusError(409, "AlreadyExists", `${title(subject)} already exists`, about(subject));

/** 409 for a write that expected another state. */
export const conflict = (subject: Subject, why: string) =>
  new StatusError(409, "Conflict", `Operation cannot be fulfilled on ${title(subject)}: ${why}`, about(subject));

/** 410: list again. */
export const expired = (message: string) => new StatusError(410, "Expired", message);

/** 413 for a body over the limit. */
export const tooLarge = () => new StatusError(413, "RequestEntityTooLarge", "Request entity too large: limit is 3145728");

/** 415 */
export const unsupportedMediaType = (accepted: readonly string[]) => {
  const message = `the body of the request was in an unknown format - accepted media types include: ${accepted.join(", ")}`;
  return new StatusError(415, "UnsupportedMediaType", message);
};

/** 422 for a JSON patch that does not apply. */
export const unprocessable = () => new StatusError(422, "Invalid", "the server rejected our request due to an error in our request", {});

/** 422 for an object. Names every cause, in the API server's words. */
export function invalid(subject: Subject, causes: readonly Cause[]): StatusError {
  const each = causes.map(({ field, message }) => `${field}: ${message}`);
  const listed = each.length === 1 ? each[0] : `[${each.join(", ")}]`;
  return new StatusError(422, "Invalid", `${title(subject)} is invalid: ${listed}`, { ...about(subject), causes });
}

/** 500 for an object over etcd's limit, where one would expect 413. */
export const objectTooLarge = () => new StatusError(500, "InternalError", "etcdserver: request is too large");

/** 500 */
export const internalError = () => new StatusError(500, "InternalError", "Internal error occurred", {});

/** The Status object for a failure. */
export const failureBody = ({ code, reason, message, details }: StatusError) => ({
  kind: "Status",
  apiVersion: "v1",
  metadata: {},
  status: "Failure",
  message,
  reason,
  ...(details === null ? {} : { details }),
  code,
});

/** The Status object for a removal. */
export const successBody = (details: StatusDetails) => ({ kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", details });
