import * as v from "valibot";
import { isNamespace } from "../domain/target/kinds.ts";
import type { Definition } from "./definition.ts";
import { isJsonObject, type Json, type JsonObject } from "./json.ts";
import { metaCauses, metaChangeCauses } from "./metadata.ts";
import { asJson, type CustomObject, ObjectMeta } from "./object.ts";
import { sameJson } from "./patch.ts";
import { prune } from "./prune.ts";
import { badRequest, type Cause, conflict, invalid, notFound, type Subject } from "./status.ts";
import { createSchemaCheck } from "./validation.ts";

/** Which half of an object a write may change (Kubernetes API conventions, "Spec and Status"). */
export type Part = "main" | "status";

/** What a client sent, brought into shape. `unknown`: fields that were dropped. */
export interface Draft {
  readonly object: CustomObject;
  readonly unknown: readonly string[];
}

/** The rules that a custom resource's objects live by. Every method throws the Status that the client is to get. */
export interface Strategy {
  read(body: Json): Draft;
  /** The object to be stored for a draft, without its status. */
  create(draft: CustomObject, namespace: string, identity: Identity): CustomObject;
  /** The object after a write to one part of it: the same object where the write changes nothing. */
  update(existing: CustomObject, draft: CustomObject, part: Part): CustomObject;
}

export interface Identity {
  readonly uid: string;
  /** RFC 3339, whole seconds. */
  readonly creationTimestamp: string;
}

/** Rules for the objects of one definition. Throws where its schema holds a rule that cannot be judged. */
export function createStrategy(definition: Definition): Strategy {
  const { group, kind, plural, apiVersion } = definition;
  const check = createSchemaCheck(definition.schema);
  const subject = (name: string): Subject => ({ group, kind, name });
  const refuse = (name: string, causes: readonly Cause[]) => {
    if (causes.length > 0) throw invalid(subject(name), causes);
  };
  return {
    read: (body) => readDraft(body, definition),
    create(draft, namespace, { uid, creationTimestamp }) {
      // Namespaces need not be created here, but one that never can be is not there.
      if (!isNamespace(namespace)) throw notFound({ group: "", kind: "namespaces", name: namespace });
      if (draft.metadata.resourceVersion !== "") throw badRequest("resourceVersion should not be set on objects to be created");
      ownNamespace(draft, namespace);
      const { generateName, labels, annotations, finalizers, ownerReferences } = draft.metadata;
      const name = draft.metadata.name === "" && generateName !== undefined ? `${generateName}${uid.slice(-5)}` : draft.metadata.name;
      const metadata = defined({
        ...{ name, namespace, uid, creationTimestamp, resourceVersion: "", generation: 1 },
        ...{ generateName, labels, annotations, finalizers, ownerReferences },
      });
      const object: CustomObject = { apiVersion, kind, metadata, ...(draft.spec === undefined ? {} : { spec: draft.spec }) };
      refuse(name, [...metaCauses(metadata), ...check(asJson(object), null)]);
      return object;
    },
    update(existing, draft, part) {
      const { name, namespace, resourceVersion } = existing.metadata;
      if (draft.metadata.name !== name) {
        throw badRequest(`the name of the object (${draft.metadata.name}) does not match the name on the URL (${name})`);
      }
      ownNamespace(draft, namespace);
      const version = draft.metadata.resourceVersion;
      if (version === "")
        refuse(name, [
          { reason: "FieldValueInvalid", message: "Invalid value: 0: must be specified for an update", field: "metadata.resourceVersion" },
        ]);
      if (version !== resourceVersion) {
        throw conflict(
          { group, kind: plural, name },
          "the object has been modified; please apply your changes to the latest version and try again",
        );
      }
      const object = part === "status" ? withStatus(existing, draft.status) : withMain(existing, draft);
      const metaErrors = part === "status" ? [] : [...metaCauses(object.metadata), ...metaChangeCauses(existing.metadata, draft.metadata)];
      refuse(name, [...metaErrors, ...check(asJson(object), asJson(existing))]);
      return sameJson(asJson(object), asJson(existing)) ? existing : object;
    },
  };
}

function readDraft(body: Json, { kind, apiVersion, group, schema }: Definition): Draft {
  if (!isJsonObject(body) || typeof body.kind !== "string" || typeof body.apiVersion !== "string") {
    throw badRequest(`the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind`);
  }
  const { metadata: sentMetadata = {}, ...rest } = body;
  const metadata = readMetadata(sentMetadata, kind);
  if (body.kind !== kind) {
    const cause: Cause = {
      reason: "FieldValueInvalid",
      message: `Invalid value: ${JSON.stringify(body.kind)}: must be ${kind}`,
      field: "kind",
    };
    throw invalid({ group, kind: body.kind, name: metadata.meta.name }, [cause]);
  }
  if (body.apiVersion !== apiVersion) {
    throw badRequest(`the API version in the data (${body.apiVersion}) does not match the expected API version (${apiVersion})`);
  }
  const pruned = prune(rest, schema);
  return {
    object: { ...(pruned.value as object), metadata: metadata.meta } as CustomObject,
    unknown: [...metadata.unknown, ...pruned.unknown],
  };
}

function readMetadata(sent: Json, kind: string): { readonly meta: ObjectMeta; readonly unknown: readonly string[] } {
  const fields = isJsonObject(sent) ? Object.entries(sent).filter(([, value]) => value !== null) : null;
  const parsed = v.safeParse(ObjectMeta, fields === null ? sent : Object.fromEntries(fields));
  if (!parsed.success)
    throw badRequest(`${kind} cannot be handled as a ${kind}: metadata.${v.getDotPath(parsed.issues[0]) ?? ""} is malformed`);
  const unknown = (fields ?? []).map(([key]) => key).filter((key) => !Object.hasOwn(ObjectMeta.entries, key) && !SILENTLY_DROPPED.has(key));
  return { meta: parsed.output, unknown: unknown.map((key) => `metadata.${key}`) };
}

/** Part of ObjectMeta all the same. */
const SILENTLY_DROPPED: ReadonlySet<string> = new Set(["managedFields", "selfLink"]);

function ownNamespace({ metadata }: CustomObject, namespace: string): void {
  if (metadata.namespace === "" || metadata.namespace === namespace) return;
  throw badRequest("the namespace of the provided object does not match the namespace sent on the request");
}

const withStatus = ({ status: _, ...existing }: CustomObject, status: JsonObject | undefined): CustomObject =>
  status === undefined ? existing : { ...existing, status };

/** Client's labels, annotations, finalizers, owners and spec; all else stays. A changed spec is a new generation. */
function withMain(existing: CustomObject, { metadata: sent, spec }: CustomObject): CustomObject {
  const { labels, annotations, finalizers, ownerReferences, ...fixed } = existing.metadata;
  const generation = sameJson(existing.spec ?? null, spec ?? null) ? fixed.generation : fixed.generation + 1;
  const changeable = {
    labels: sent.labels,
    annotations: sent.annotations,
    finalizers: sent.finalizers,
    ownerReferences: sent.ownerReferences,
  };
  const { spec: _, ...rest } = existing;
  return { ...rest, metadata: defined({ ...fixed, generation, ...changeable }), ...(spec === undefined ? {} : { spec }) };
}

/** JSON knows no undefined: a field without a value is left out. */
const defined = (metadata: { [Key in keyof ObjectMeta]: ObjectMeta[Key] | undefined }): ObjectMeta =>
  Object.fromEntries(Object.entries(metadata).filter(([, value]) => value !== undefined)) as unknown as ObjectMeta;
