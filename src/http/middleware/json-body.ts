import type { Context, MiddlewareHandler } from "hono";
import { type JsonRefusal, parseJson } from "../../sources/json.ts";
import { problem } from "../problem.ts";

const JSON_TYPE = /^application\/(json|[\w.+-]+\+json)\s*(;|$)/i;

const REFUSALS: Readonly<Record<JsonRefusal, string>> = {
  empty: "the body is empty; expected JSON",
  "utf8-invalid": "the body is not valid UTF-8",
  "too-deep": "the JSON is nested too deeply",
  "values-too-many": "the JSON holds too many values or names",
  "json-invalid": "the body is not valid JSON",
  "duplicate-key": "an object in the JSON holds a name twice",
};

/** 415 for another content type than JSON; null: it is JSON. */
const notJsonType = (c: Context): Response | null =>
  JSON_TYPE.test(c.req.header("content-type") ?? "")
    ? null
    : problem(415, "content-type-unsupported", "send the content type application/json");

/** For changes that need no body: a page in a browser cannot send this type to another origin without asking first. */
export const requireJsonType: MiddlewareHandler = async (c, next) => notJsonType(c) ?? next();

/** The request's JSON, or the answer that says why it cannot be had. Bytes are counted as they come: a length may be missing or wrong. */
export async function readJson(c: Context, bytesMax: number): Promise<{ readonly value: unknown } | Response> {
  const refused = notJsonType(c);
  if (refused) return refused;
  const bytes = await readBytes(c.req.raw, bytesMax);
  if (bytes === null) return problem(413, "body-too-large", `the body is larger than ${bytesMax} bytes`);
  const parsed = parseJson(bytes);
  return parsed.ok ? { value: parsed.value } : problem(400, parsed.reason, REFUSALS[parsed.reason]);
}

/** How many times the limit is still taken in. A sender that is cut off while it sends never sees why, and sends it all again. */
const DRAIN_TIMES = 4;

async function readBytes(request: Request, bytesMax: number): Promise<Uint8Array | null> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of request.body ?? []) {
    size += part.byteLength;
    if (size > DRAIN_TIMES * bytesMax) break;
    if (size <= bytesMax) parts.push(part);
  }
  if (size > bytesMax) return null;
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.byteLength;
  }
  return bytes;
}
