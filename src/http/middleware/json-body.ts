import type { Context, MiddlewareHandler } from "hono";
import { JSON_VALUES_MAX, type JsonRefusal, parseJson } from "../../sources/json.ts";
import { parseJsonLines } from "../../sources/json-lines.ts";
import { problem } from "../problem.ts";
import { encodingsOf } from "./content-encoding.ts";
import { type ReadRules, readBody, type Unread } from "./read-body.ts";

const JSON_TYPE = /^\s*application\/(json|[\w.+-]+\+json)\s*(;|$)/i;
/** JSON lines have no registered type; these are the names that log shippers send. */
const LINES_TYPE = /^\s*application\/(x-)?(ndjson|jsonl|json-?lines)\s*(;|$)/i;

/** What is wrong with a body itself, whoever sends it and when. */
type Flaw = Exclude<JsonRefusal, "values-too-many" | "elements-too-many"> | "body-cut" | "encoding-invalid";

const FLAWS: Readonly<Record<Flaw, string>> = {
  empty: "the body is empty; expected JSON",
  "utf8-invalid": "the body is not valid UTF-8",
  "too-deep": "the JSON is nested too deeply",
  "json-invalid": "the body is not valid JSON",
  "duplicate-key": "an object in the JSON holds a name twice",
  "body-cut": "the body did not come to its end",
  "encoding-invalid": "the body is not what its Content-Encoding says, or it is cut off",
};

const isFlaw = (reason: Flaw | BodyLimit): reason is Flaw => reason in FLAWS;

/** A body that goes beyond what can be taken, at all or now. */
export type BodyLimit = Exclude<Unread, "body-cut" | "encoding-invalid"> | "values-too-many" | "alerts-too-many";

/** A body holds one value in so many bytes at most, on average; the values of alerts and events take 20 and more. */
const VALUE_BYTES = 16;
const VALUES_MIN = 10_000;

/** Whether the content type is one of these. Some senders, or what stands before them, add the header to one that is there. */
function isOfType(c: Context, type: RegExp): boolean {
  const told = c.req.header("content-type") ?? "";
  return type.test(told) || told.split(",").every((one) => type.test(one));
}

/** 415 for another content type than JSON; null: it is JSON. */
const notJsonType = (c: Context): Response | null =>
  isOfType(c, JSON_TYPE) ? null : problem(415, "content-type-unsupported", "send the content type application/json");

/** For changes that need no body: a page in a browser cannot send this type to another origin without asking first. */
export const requireJsonType: MiddlewareHandler = async (c, next) => notJsonType(c) ?? next();

const notEncodedSo = () =>
  problem(415, "encoding-unsupported", "send the body as it is, or in up to three encodings of gzip and deflate", {
    "accept-encoding": "gzip, deflate",
  });

export interface JsonBody {
  readonly value: unknown;
  /** What it was read from. */
  readonly bytes: Uint8Array;
  /** When its first byte came, Unix ms. */
  readonly startedMs: number;
}

export interface JsonRules extends Omit<ReadRules, "encodings"> {
  /** Most alerts in the body. */
  readonly alertsMax: number;
  /** Whether the body may be JSON lines, an alert each. */
  readonly takesLines: boolean;
}

/** The request's JSON, the answer that says why it cannot be had, or the limit that it goes beyond. Of JSON lines it is an array. */
export async function readJson(c: Context, rules: JsonRules): Promise<JsonBody | Response | BodyLimit> {
  const areLines = rules.takesLines && isOfType(c, LINES_TYPE);
  const refused = areLines ? null : notJsonType(c);
  if (refused) return refused;
  const encodings = encodingsOf(c.req.header("content-encoding"));
  if (encodings === null) return notEncodedSo();
  const body = await readBody(c.req.raw, { ...rules, encodings });
  if (typeof body === "string") return answerTo(body);
  const valuesMax = Math.min(JSON_VALUES_MAX, Math.max(VALUES_MIN, Math.ceil(rules.bytesMax / VALUE_BYTES)));
  const elementsMax = rules.alertsMax;
  const parsed = areLines ? parseJsonLines(body.bytes, elementsMax) : parseJson(body.bytes, { valuesMax, elementsMax, inPieces: true });
  return parsed.ok ? { value: parsed.value, bytes: body.bytes, startedMs: body.startedMs } : answerTo(parsed.reason);
}

/** The answer to a body with a flaw; a limit stays what it is. Only alerts are counted by elements. */
export function answerTo(reason: Flaw | BodyLimit | JsonRefusal): Response | BodyLimit {
  if (reason === "elements-too-many") return "alerts-too-many";
  return isFlaw(reason) ? problem(400, reason, FLAWS[reason]) : reason;
}
