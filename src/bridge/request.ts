import * as v from "valibot";

/** Upstash's limit on a request of its smaller plans. */
export const BODY_BYTES_MAX = 10 * 1024 * 1024;

const Argument = v.pipe(v.union([v.string(), v.number(), v.boolean()]), v.transform(String));

/** `["SET", "key", "value"]`: the body of `POST /`. */
export const Command = v.pipe(v.array(Argument), v.minLength(1));

/** The body of `/pipeline` and `/multi-exec`. */
export const CommandList = v.pipe(v.array(Command), v.minLength(1));

/** Whether the request carries one of the tokens; the time it takes tells nothing about them. */
export async function isAuthorized(request: Request, tokens: readonly string[]): Promise<boolean> {
  const given = /^Bearer (.+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
  const [left, ...known] = await Promise.all([given ?? "", ...tokens].map(sha256));
  const isSame = (right: Uint8Array) => left?.reduce((difference, byte, index) => difference | (byte ^ (right[index] as number)), 0) === 0;
  return given !== undefined && known.filter(isSame).length > 0;
}

/** How many times the limit is still taken in. A sender that is cut off while it sends never sees why (RFC 9112, section 9.6). */
const DRAIN_TIMES = 4;

/** The body's text, or null where it is larger than allowed, whatever its Content-Length says. What is too large is read on, and not kept. */
export async function readBody(request: Request): Promise<string | null> {
  let chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes <= BODY_BYTES_MAX) chunks.push(chunk);
    else chunks = [];
    if (bytes > DRAIN_TIMES * BODY_BYTES_MAX) break;
  }
  return bytes > BODY_BYTES_MAX ? null : new TextDecoder().decode(await new Blob(chunks as BlobPart[]).arrayBuffer());
}

/** The JSON of `text` if it has the schema's shape, else null. */
export function parseJson<Schema extends v.GenericSchema>(schema: Schema, text: string): v.InferOutput<Schema> | null {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), schema), text);
  return parsed.success ? parsed.output : null;
}

const sha256 = async (text: string) => new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
