import type { Context } from "hono";
import * as v from "valibot";
import type { Json } from "./json.ts";
import { readListQuery } from "./list-query.ts";
import { asJson, type CustomObject } from "./object.ts";
import { jsonPatch, mergePatch } from "./patch.ts";
import { existing, type Resource, subjectOf } from "./resource.ts";
import { alreadyExists, badRequest, conflict, successBody, unsupportedMediaType } from "./status.ts";
import type { Draft, Part } from "./strategy.ts";

export interface Writing {
  create(c: Context, namespace: string): Promise<Response>;
  replace(c: Context, namespace: string, name: string, part: Part): Promise<Response>;
  patch(c: Context, namespace: string, name: string, part: Part): Promise<Response>;
  remove(c: Context, namespace: string, name: string): Promise<Response>;
  /** Removes all that the query's selectors match. */
  removeAll(c: Context, namespace: string): Promise<Response>;
}

const PATCHES: ReadonlyMap<string, (target: Json, patch: Json) => Json> = new Map([
  ["application/json-patch+json", jsonPatch],
  ["application/merge-patch+json", mergePatch],
]);

const DeleteOptions = v.object({
  preconditions: v.optional(v.object({ uid: v.optional(v.string()), resourceVersion: v.optional(v.string()) }), {}),
  dryRun: v.optional(v.array(v.string()), []),
});
type DeleteOptions = v.InferOutput<typeof DeleteOptions>;

/** Answers writes as an API server does, dry runs included, which keep nothing. Throws the Status that the client is to get. */
export function createWriting(resource: Resource): Writing {
  const { store, strategy, definition } = resource;

  /** A terminating object goes with its last finalizer. */
  function keep(object: CustomObject, dryRun: boolean): CustomObject {
    if (dryRun) return object;
    return isReleased(object) ? store.remove(object) : store.put(object);
  }

  function update(c: Context, before: CustomObject, draft: Draft, part: Part): Response {
    warn(c, draft);
    const after = strategy.update(before, draft.object, part);
    return c.json(after === before ? before : keep(after, isDryRun(c)));
  }

  function removeOne(object: CustomObject, { preconditions, dryRun }: DeleteOptions, now: string): CustomObject {
    refuseStrangers(resource, object, preconditions);
    const { deletionTimestamp, generation } = object.metadata;
    if (deletionTimestamp !== undefined) return object;
    const metadata = { ...object.metadata, generation: generation + 1, deletionTimestamp: now, deletionGracePeriodSeconds: 0 };
    return keep({ ...object, metadata }, dryRun.length > 0);
  }

  return {
    async create(c, namespace) {
      acceptOnly(c, ["application/json"]);
      const draft = strategy.read(await jsonBody(c));
      warn(c, draft);
      const identity = { uid: crypto.randomUUID(), creationTimestamp: timestamp(resource) };
      const object = strategy.create(draft.object, namespace, identity);
      const { name } = object.metadata;
      if (store.get(namespace, name) !== null) throw alreadyExists(subjectOf(resource, name));
      return c.json(keep(object, isDryRun(c)), 201);
    },
    async replace(c, namespace, name, part) {
      acceptOnly(c, ["application/json"]);
      const body = await jsonBody(c);
      return update(c, existing(resource, namespace, name), strategy.read(body), part);
    },
    async patch(c, namespace, name, part) {
      const type = acceptOnly(c, [...PATCHES.keys()]);
      const change = await jsonBody(c);
      if (type === "application/merge-patch+json" && (typeof change !== "object" || Array.isArray(change))) {
        throw badRequest("error decoding patch: a merge patch is an object");
      }
      const before = existing(resource, namespace, name);
      const { object, unknown } = strategy.read(PATCHES.get(type)?.(asJson(before), change) ?? null);
      // A patch that takes the resourceVersion out asks for no check.
      const resourceVersion = object.metadata.resourceVersion || before.metadata.resourceVersion;
      return update(c, before, { object: { ...object, metadata: { ...object.metadata, resourceVersion } }, unknown }, part);
    },
    async remove(c, namespace, name) {
      const options = await deleteOptions(c);
      const object = existing(resource, namespace, name);
      const removed = removeOne(object, options, timestamp(resource));
      if (!isReleased(removed)) return c.json(removed);
      return c.json(successBody({ name, group: definition.group, kind: definition.plural, uid: object.metadata.uid }));
    },
    async removeAll(c, namespace) {
      const options = await deleteOptions(c);
      const { matches } = readListQuery(c.req.query());
      const now = timestamp(resource);
      const items = store
        .list(namespace, "")
        .filter(matches)
        .map((object) => removeOne(object, options, now));
      return c.json({
        apiVersion: definition.apiVersion,
        kind: definition.listKind,
        metadata: { resourceVersion: String(store.version()) },
        items,
      });
    },
  };
}

const isReleased = ({ metadata: { deletionTimestamp, finalizers = [] } }: CustomObject) =>
  deletionTimestamp !== undefined && finalizers.length === 0;

const isDryRun = (c: Context) => c.req.queries("dryRun") !== undefined;

/** RFC 3339 in whole seconds, as Kubernetes keeps time in metadata. */
const timestamp = ({ clock }: Resource) => `${new Date(clock.now()).toISOString().slice(0, 19)}Z`;

function refuseStrangers(resource: Resource, { metadata }: CustomObject, { uid, resourceVersion }: DeleteOptions["preconditions"]): void {
  const subject = subjectOf(resource, metadata.name);
  if (uid !== undefined && uid !== metadata.uid) {
    const why = `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid}).`;
    throw conflict(subject, `${why} The object might have been deleted and then recreated`);
  }
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
    const why = `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion}).`;
    throw conflict(subject, `${why} The object might have been modified`);
  }
}

/** The media type of the body, without parameters; none counts as JSON. */
function acceptOnly(c: Context, accepted: readonly string[]): string {
  const type = c.req.header("content-type")?.split(";")[0]?.trim().toLowerCase() || "application/json";
  if (!accepted.includes(type)) throw unsupportedMediaType(accepted);
  return type;
}

async function jsonBody(c: Context): Promise<Json> {
  try {
    return await c.req.json<Json>();
  } catch {
    throw badRequest("the body of the request is not JSON");
  }
}

async function deleteOptions(c: Context): Promise<DeleteOptions> {
  const inQuery = c.req.queries("dryRun") ?? [];
  if ((await c.req.text()) === "") return { preconditions: {}, dryRun: inQuery };
  const parsed = v.safeParse(DeleteOptions, await jsonBody(c));
  if (!parsed.success) throw badRequest(`DeleteOptions: ${v.getDotPath(parsed.issues[0]) ?? "body"} is malformed`);
  return { ...parsed.output, dryRun: [...parsed.output.dryRun, ...inQuery] };
}

const WARNINGS_MAX = 10;

/** Unknown fields are dropped: the client is told so, or refused, as its `fieldValidation` asks (Kubernetes API concepts, "Field validation"). */
function warn(c: Context, { unknown }: Draft): void {
  const mode = c.req.query("fieldValidation") ?? "Warn";
  const fields = unknown.slice(0, WARNINGS_MAX).map((field) => `unknown field ${JSON.stringify(field).replaceAll(/[^ -~]/g, "?")}`);
  if (mode === "Strict" && fields.length > 0) throw badRequest(`strict decoding error: ${fields.join(", ")}`);
  if (mode === "Ignore") return;
  for (const field of fields) c.header("warning", `299 - ${JSON.stringify(field)}`, { append: true });
}
