import type { SchemaNode } from "./definition.ts";
import { isJsonArray, isJsonObject, type Json, type JsonObject } from "./json.ts";

export interface Pruned {
  readonly value: Json;
  /** Paths of the fields that the schema does not know, such as `spec.foo`. */
  readonly unknown: readonly string[];
}

/** Keeps what a structural schema specifies, and drops all other fields and nulls, as an API server does before it stores an object. */
export function prune(value: Json, schema: SchemaNode, path = ""): Pruned {
  if (isJsonArray(value) && schema.items !== undefined) return pruneItems(value, schema.items, path);
  if (isJsonObject(value)) return pruneFields(value, schema, path);
  return { value, unknown: [] };
}

function pruneItems(items: readonly Json[], schema: SchemaNode, path: string): Pruned {
  const pruned = items.map((item, at) => prune(item, schema, `${path}[${at}]`));
  return { value: pruned.map((item) => item.value), unknown: pruned.flatMap((item) => item.unknown) };
}

function pruneFields(object: JsonObject, schema: SchemaNode, path: string): Pruned {
  const kept: [string, Json][] = [];
  const unknown: string[] = [];
  for (const [key, field] of Object.entries(object)) {
    const at = path === "" ? key : `${path}.${key}`;
    const node = fieldSchema(schema, key);
    if (node === undefined) {
      unknown.push(at);
    } else if (field !== null) {
      const pruned = prune(field, node, at);
      kept.push([key, pruned.value]);
      unknown.push(...pruned.unknown);
    }
  }
  return { value: Object.fromEntries(kept), unknown };
}

const fieldSchema = (schema: SchemaNode, key: string): SchemaNode | undefined =>
  schema.properties !== undefined && Object.hasOwn(schema.properties, key) ? schema.properties[key] : schema.additionalProperties;
