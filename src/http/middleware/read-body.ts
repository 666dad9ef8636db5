import { answeredWithin } from "../../flows/answered-within.ts";
import type { BodyShare } from "../body-room.ts";
import { type Encoding, inflating } from "./content-encoding.ts";

/**
 * Why a body could not be had. `no-room`: too many others are in memory. `body-late`: it did not come, or come to its end, in time. `body-cut`: its
 * sender is gone. `encoding-invalid`: it is not what its Content-Encoding says, or less.
 */
export type Unread = "body-too-large" | "no-room" | "body-late" | "body-cut" | "encoding-invalid";

export interface ReadBody {
  readonly bytes: Uint8Array;
  /** When its first byte came, Unix ms. */
  readonly startedMs: number;
}

export interface ReadRules {
  /** Most bytes of the body itself, not encoded. */
  readonly bytesMax: number;
  /** What the body is encoded in, in the order in which that was done. */
  readonly encodings: readonly Encoding[];
  /** How long the first byte may take, and from then on all the others. */
  readonly waitMs: number;
  readonly share: BodyShare;
  readonly now: () => number;
}

/** How many times the limit is still taken in. A sender that is cut off while it sends never sees why, and sends it all again. */
const DRAIN_TIMES = 4;

const toldBytes = ({ headers }: Request): number | null => {
  const told = headers.get("content-length") ?? "";
  return /^\d{1,15}$/.test(told) ? Number(told) : null;
};

/**
 * Reads a request's body within a share of the room for bodies, which it holds until that is released. The told length takes its place before
 * anything is read, and bytes are counted as they come, and as they are inflated: a length may be missing or wrong. What is too large is read on, but
 * not kept, nor inflated any further.
 */
export async function readBody(request: Request, rules: ReadRules): Promise<ReadBody | Unread> {
  const { bytesMax, share, now } = rules;
  const told = toldBytes(request) ?? 0;
  const isTooLarge = told > bytesMax;
  if (!isTooLarge && !share.hold(told)) return "no-room";
  if (!request.body) return { bytes: new Uint8Array(), startedMs: now() };
  const raw = timed(request.body, rules);
  try {
    const body = isTooLarge ? "body-too-large" : await readParts(raw, told, rules);
    if (body !== "body-too-large") return typeof body === "string" ? body : { bytes: body, startedMs: raw.startedMs() };
    share.release();
    await raw.drain(DRAIN_TIMES * bytesMax);
    return body;
  } finally {
    raw.cancel();
  }
}

/** The parts of a body, put together, as far as they may be kept. */
async function readParts(raw: Timed, told: number, { bytesMax, encodings, share }: ReadRules): Promise<Uint8Array | Unread> {
  const body = collect(told);
  // What is too large is read on as it comes.
  const parts = inflating({ read: raw.read, cancel: () => {} }, encodings);
  let size = 0;
  try {
    for (;;) {
      const part = await parts.read();
      if (part === null) return body.bytes();
      size += part.byteLength;
      if (size > bytesMax) return "body-too-large";
      if (!share.hold(size)) return "no-room";
      body.add(part);
    }
  } catch {
    return raw.fault() ?? "encoding-invalid";
  } finally {
    parts.cancel();
  }
}

/** A body as it comes. */
interface Timed {
  /** The next part; null: there is none. Throws where it does not come. */
  read(): Promise<Uint8Array | null>;
  /** Why a part did not come; null: all that were asked for have. */
  fault(): "body-late" | "body-cut" | null;
  /** When the first byte came, Unix ms. */
  startedMs(): number;
  /** Reads on, and keeps nothing, up to so many bytes in all. */
  drain(bytesMax: number): Promise<void>;
  cancel(): void;
}

function timed(body: ReadableStream<Uint8Array>, { waitMs, now }: ReadRules): Timed {
  const reader = body.getReader();
  let endsMs = now() + waitMs;
  let startedMs: number | null = null;
  let size = 0;
  let fault: "body-late" | "body-cut" | null = null;
  const failed = (why: typeof fault): never => {
    fault = why;
    throw new Error("a part of a body did not come");
  };
  const read = async () => {
    const part = await answeredWithin(reader.read(), endsMs - now()).catch(() => failed("body-cut"));
    if (part === "late") return failed("body-late");
    if (part.done) return null;
    if (startedMs === null) endsMs = now() + waitMs;
    startedMs ??= now();
    size += part.value.byteLength;
    return part.value;
  };
  return {
    read,
    fault: () => fault,
    startedMs: () => startedMs ?? now(),
    async drain(bytesMax) {
      try {
        while (size <= bytesMax && (await read()) !== null);
      } catch {
        // Its sender is gone, or too slow to be waited for.
      }
    },
    cancel: () => void reader.cancel().catch(() => {}),
  };
}

/** Takes parts of a body, of which so many bytes are told to come: those are kept once, what comes beyond them twice for a moment. */
function collect(told: number) {
  const first = new Uint8Array(told);
  let filled = 0;
  const rest: Uint8Array[] = [];
  return {
    add(part: Uint8Array) {
      if (rest.length === 0 && filled + part.byteLength <= first.byteLength) {
        first.set(part, filled);
        filled += part.byteLength;
      } else rest.push(part);
    },
    bytes(): Uint8Array {
      const kept = first.subarray(0, filled);
      if (rest.length === 0) return kept;
      const all = new Uint8Array([kept, ...rest].reduce((size, part) => size + part.byteLength, 0));
      let at = 0;
      for (const part of [kept, ...rest]) {
        all.set(part, at);
        at += part.byteLength;
      }
      return all;
    },
  };
}
