import { format, type OutputUnit, type Schema, Validator } from "@cfworker/json-schema";
import type { SchemaNode } from "./definition.ts";
import { fieldOf, isJsonArray, isJsonObject, type Json } from "./json.ts";
import { sameJson } from "./patch.ts";
import type { Cause } from "./status.ts";

/** Says what is wrong with an object. An empty list: nothing. */
export type SchemaCheck = (object: Json, previous: Json | null) => readonly Cause[];

/** The only rule in CEL that the emulation knows. */
const IMMUTABLE = "self == oldSelf";

/** Judges objects by a structural schema and its immutable fields. Throws at once where the schema holds a rule that it cannot judge. */
export function createSchemaCheck(schema: SchemaNode): SchemaCheck {
  // Kubernetes knows base64 as a format of its own.
  format.byte ??= (text: string) => /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text);
  const validator = new Validator(schema as Schema, "7", false);
  const immutable = immutableFields(schema, []);
  return (object, previous) => {
    const { errors } = validator.validate(object);
    const causes = errors.filter(({ keyword }) => !CONTAINERS.has(keyword)).map((error) => causeOf(error, object, schema));
    return causes.length > 0 || previous === null ? causes : immutable.flatMap((field) => changed(field, object, previous));
  };
}

/** Keywords that only say that something below them is wrong. */
const CONTAINERS: ReadonlySet<string> = new Set(["properties", "additionalProperties", "items"]);

interface ImmutableField {
  readonly path: readonly string[];
  readonly message: string;
}

function immutableFields(schema: SchemaNode, path: readonly string[]): readonly ImmutableField[] {
  const own = (schema["x-kubernetes-validations"] ?? []).map(({ rule, message }) => {
    if (rule !== IMMUTABLE) throw new Error(`the emulation cannot judge the rule ${JSON.stringify(rule)}`);
    return { path, message };
  });
  return [...own, ...Object.entries(schema.properties ?? {}).flatMap(([key, node]) => immutableFields(node, [...path, key]))];
}

/** A field that appears or vanishes has not changed: there is no old or no new value to compare. */
function changed({ path, message }: ImmutableField, object: Json, previous: Json): readonly Cause[] {
  const [now, before] = [valueAt(object, path), valueAt(previous, path)];
  if (now === undefined || before === undefined || sameJson(now, before)) return [];
  return [{ reason: "FieldValueInvalid", message: `Invalid value: ${JSON.stringify(now)}: ${message}`, field: path.join(".") }];
}

function valueAt(value: Json, path: readonly string[]): Json | undefined {
  return path.reduce<Json | undefined>(
    (at, key) => (isJsonArray(at) ? at[Number(key)] : isJsonObject(at) ? fieldOf(at, key) : undefined),
    value,
  );
}

function causeOf({ keyword, instanceLocation, keywordLocation, error }: OutputUnit, object: Json, root: SchemaNode): Cause {
  const path = pointerSegments(instanceLocation);
  const field = fieldPath(path);
  const value = JSON.stringify(valueAt(object, path));
  const schema = schemaAt(root, path);
  switch (keyword) {
    case "required":
      return { reason: "FieldValueRequired", message: "Required value", field: fieldPath([...path, /"(.*)"\.$/.exec(error)?.[1] ?? ""]) };
    case "enum": {
      const supported = (schema.enum ?? []).map((word) => JSON.stringify(word)).join(", ");
      return { reason: "FieldValueNotSupported", message: `Unsupported value: ${value}: supported values: ${supported}`, field };
    }
    case "maxLength":
      return { reason: "FieldValueTooLong", message: `Too long: may not be more than ${schema.maxLength} bytes`, field };
    case "minLength":
      return fieldInvalid(field, value, `${field} in body should be at least ${schema.minLength} chars long`);
    case "pattern":
      return fieldInvalid(field, value, `${field} in body should match '${schema.pattern}'`);
    case "format":
      return typeInvalid(field, value, `${field} in body must be of type ${schema.format}: ${value}`);
    case "type": {
      const actual = JSON.stringify(typeName(valueAt(object, path)));
      return typeInvalid(field, actual, `${field} in body must be of type ${schema.type}: ${actual}`);
    }
    default:
      return fieldInvalid(field, value, `${field} in body breaks ${keywordLocation}`);
  }
}

const fieldInvalid = (field: string, value: string, why: string): Cause => ({
  reason: "FieldValueInvalid",
  message: `Invalid value: ${value}: ${why}`,
  field,
});

const typeInvalid = (field: string, value: string, why: string): Cause => ({
  ...fieldInvalid(field, value, why),
  reason: "FieldValueTypeInvalid",
});

function typeName(value: Json | undefined): string {
  if (isJsonArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return value === null ? "null" : typeof value;
}

/** `#/spec/signalLabels/a~1b` → spec, signalLabels, a/b. */
const pointerSegments = (location: string): readonly string[] =>
  location
    .split("/")
    .slice(1)
    .map((segment) => decodeURIComponent(segment).replaceAll("~1", "/").replaceAll("~0", "~"));

const fieldPath = (path: readonly string[]) =>
  path.reduce((text, key) => (/^\d+$/.test(key) ? `${text}[${key}]` : text === "" ? key : `${text}.${key}`), "");

const schemaAt = (root: SchemaNode, path: readonly string[]): SchemaNode =>
  path.reduce<SchemaNode>((node, key) => node.properties?.[key] ?? node.items ?? node.additionalProperties ?? {}, root);
