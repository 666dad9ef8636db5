import type { ObjectMeta } from "./object.ts";
import type { Cause } from "./status.ts";

const LABEL_VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const ANNOTATIONS_CHARACTERS_MAX = 256 * 1024;

/** What is wrong with an object's metadata (Kubernetes, "Object Names and IDs", "Labels and Selectors", "Annotations"). */
export function metaCauses({ name, labels = {}, annotations = {}, finalizers = [] }: ObjectMeta): readonly Cause[] {
  const keys = [
    ...Object.keys(labels).map((key) => ["metadata.labels", key] as const),
    ...Object.keys(annotations).map((key) => ["metadata.annotations", key] as const),
    ...finalizers.map((key) => ["metadata.finalizers", key] as const),
  ];
  return [
    ...nameCauses(name),
    ...keys.filter(([, key]) => !isQualifiedName(key)).map(([field, key]) => wrong(field, key, "a qualified name must be [prefix/]name")),
    ...Object.values(labels).flatMap(labelValueCauses),
    ...annotationsSizeCauses(annotations),
  ];
}

/** What an update may not touch. A client that sends none of these fields agrees with what is there. */
export function metaChangeCauses(existing: ObjectMeta, sent: ObjectMeta): readonly Cause[] {
  const causes: Cause[] = [];
  if (sent.uid !== "" && sent.uid !== existing.uid) causes.push(wrong("metadata.uid", sent.uid, "field is immutable"));
  if (sent.deletionTimestamp !== undefined && sent.deletionTimestamp !== existing.deletionTimestamp) {
    causes.push(wrong("metadata.deletionTimestamp", sent.deletionTimestamp, "field is immutable"));
  }
  const added = (sent.finalizers ?? []).filter((finalizer) => !existing.finalizers?.includes(finalizer));
  if (existing.deletionTimestamp !== undefined && added.length > 0) {
    const message = `Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers ${JSON.stringify(added)}`;
    causes.push({ reason: "FieldValueForbidden", message, field: "metadata.finalizers" });
  }
  return causes;
}

function nameCauses(name: string): readonly Cause[] {
  if (name === "")
    return [{ reason: "FieldValueRequired", message: "Required value: name or generateName is required", field: "metadata.name" }];
  if (name.length <= 253 && SUBDOMAIN.test(name)) return [];
  return [
    wrong(
      "metadata.name",
      name,
      "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
    ),
  ];
}

function isQualifiedName(key: string): boolean {
  const [name = "", prefix, ...more] = key.split("/").reverse();
  const prefixed = prefix === undefined || (prefix.length <= 253 && SUBDOMAIN.test(prefix));
  return more.length === 0 && prefixed && name !== "" && name.length <= 63 && LABEL_VALUE.test(name);
}

function labelValueCauses(value: string): readonly Cause[] {
  if (value.length > 63)
    return [{ reason: "FieldValueTooLong", message: "Too long: may not be more than 63 bytes", field: "metadata.labels" }];
  if (LABEL_VALUE.test(value)) return [];
  return [
    wrong(
      "metadata.labels",
      value,
      "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
    ),
  ];
}

function annotationsSizeCauses(annotations: Readonly<Record<string, string>>): readonly Cause[] {
  const characters = Object.entries(annotations).reduce((sum, [key, value]) => sum + key.length + value.length, 0);
  if (characters <= ANNOTATIONS_CHARACTERS_MAX) return [];
  const message = `Too long: may not be more than ${ANNOTATIONS_CHARACTERS_MAX} bytes`;
  return [{ reason: "FieldValueTooLong", message, field: "metadata.annotations" }];
}

const wrong = (field: string, value: string, why: string): Cause => ({
  reason: "FieldValueInvalid",
  message: `Invalid value: ${JSON.stringify(value)}: ${why}`,
  field,
});
