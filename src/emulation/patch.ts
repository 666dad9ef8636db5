import * as v from "valibot";
import { fieldOf, isJsonArray, isJsonObject, type Json, withField, withoutField } from "./json.ts";
import { badRequest, unprocessable } from "./status.ts";

/** JSON Merge Patch (RFC 7386): null removes, objects merge, all else replaces. */
export function mergePatch(target: Json | undefined, patch: Json): Json {
  if (!isJsonObject(patch)) return patch;
  const merged = new Map<string, Json>(isJsonObject(target) ? Object.entries(target) : []);
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key);
    else merged.set(key, mergePatch(merged.get(key), value));
  }
  return Object.fromEntries(merged);
}

const pointer = v.pipe(v.string(), v.regex(/^(\/|$)/));
const value = v.custom<Json>((input) => input !== undefined);
const Operation = v.variant("op", [
  v.object({ op: v.picklist(["add", "replace", "test"]), path: pointer, value }),
  v.object({ op: v.literal("remove"), path: pointer }),
  v.object({ op: v.picklist(["move", "copy"]), from: pointer, path: pointer }),
]);
type Operation = v.InferOutput<typeof Operation>;

/** The API server's own limit. */
const OPERATIONS_MAX = 10_000;

/** JSON Patch (RFC 6902), with the API server's exception that `replace` may also add. Throws 422 where an operation does not apply, a failed `test` included. */
export function jsonPatch(target: Json, patch: Json): Json {
  if (!isJsonArray(patch)) throw badRequest("error decoding patch: a JSON patch is a list of operations");
  const operations = v.safeParse(v.pipe(v.array(Operation), v.maxLength(OPERATIONS_MAX)), patch);
  if (!operations.success) throw unprocessable();
  return operations.output.reduce(applyOperation, target);
}

function applyOperation(document: Json, operation: Operation): Json {
  const path = segments(operation.path);
  switch (operation.op) {
    case "add":
      return edit(document, path, (parent, key) => insert(parent, key, operation.value), operation.value);
    case "replace":
      return edit(document, path, (parent, key) => overwrite(parent, key, operation.value), operation.value);
    case "remove":
      return remove(document, path);
    case "test":
      if (!sameJson(read(document, path), operation.value)) throw unprocessable();
      return document;
    case "move":
    case "copy": {
      const moved = read(document, segments(operation.from));
      const rest = operation.op === "move" ? remove(document, segments(operation.from)) : document;
      return edit(rest, path, (parent, key) => insert(parent, key, moved), moved);
    }
  }
}

/** Pointer of RFC 6901. */
const segments = (path: string) =>
  path
    .split("/")
    .slice(1)
    .map((segment) => segment.replaceAll("~1", "/").replaceAll("~0", "~"));

function read(document: Json, path: readonly string[]): Json {
  return path.reduce<Json>((at, key) => {
    const found = isJsonArray(at) ? at[index(at, key)] : isJsonObject(at) ? fieldOf(at, key) : undefined;
    if (found === undefined) throw unprocessable();
    return found;
  }, document);
}

/** Rebuilds the document along the path; an empty path stands for the whole document, which becomes `whole`. */
function edit(document: Json, path: readonly string[], change: (parent: Json, key: string) => Json, whole: Json): Json {
  const [key, ...rest] = path;
  if (key === undefined) return whole;
  if (rest.length === 0) return change(document, key);
  return overwrite(document, key, edit(read(document, [key]), rest, change, whole));
}

function remove(document: Json, path: readonly string[]): Json {
  read(document, path);
  return edit(document, path, drop, null);
}

function insert(parent: Json, key: string, added: Json): Json {
  if (isJsonArray(parent)) return parent.toSpliced(key === "-" ? parent.length : index(parent, key, parent.length), 0, added);
  return overwrite(parent, key, added);
}

function overwrite(parent: Json, key: string, replaced: Json): Json {
  if (isJsonArray(parent)) return parent.with(index(parent, key), replaced);
  if (isJsonObject(parent)) return withField(parent, key, replaced);
  throw unprocessable();
}

function drop(parent: Json, key: string): Json {
  if (isJsonArray(parent)) return parent.toSpliced(index(parent, key), 1);
  if (isJsonObject(parent)) return withoutField(parent, key);
  throw unprocessable();
}

function index(array: readonly Json[], key: string, last = array.length - 1): number {
  if (!/^(0|[1-9]\d{0,9})$/.test(key) || Number(key) > last) throw unprocessable();
  return Number(key);
}

/** Equality of JSON values: the order of an object's fields does not count. */
export function sameJson(left: Json, right: Json): boolean {
  if (isJsonArray(left)) {
    return isJsonArray(right) && left.length === right.length && left.every((item, at) => sameJson(item, right[at] ?? null));
  }
  if (!isJsonObject(left)) return left === right;
  const keys = Object.keys(left);
  if (!isJsonObject(right) || Object.keys(right).length !== keys.length) return false;
  return keys.every((key) => Object.hasOwn(right, key) && sameJson(left[key] ?? null, right[key] ?? null));
}
