import { answeredWithin } from "../../flows/answered-within.ts";
import type { BodyShare } from "../body-room.ts";

/**
 * Why a body could not be had. `no-room`: too many others are in memory. `body-late`: it did not come, or come to its end, in time. `body-cut`: its
 * sender is gone.
 */
export type Unread = "body-too-large" | "no-room" | "body-late" | "body-cut";

export interface ReadBody {
  readonly bytes: Uint8Array;
  /** When its first byte came, Unix ms. */
  readonly startedMs: number;
}

export interface ReadRules {
  readonly bytesMax: number;
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
 * anything is read, and bytes are counted as they come: a length may be missing or wrong. What is too large is read on, and not kept.
 */
export async function readBody(request: Request, rules: ReadRules): Promise<ReadBody | Unread> {
  const { bytesMax, share, now } = rules;
  const told = toldBytes(request);
  const isTooLarge = told !== null && told > bytesMax;
  if (!isTooLarge && !share.hold(told ?? 0)) return "no-room";
  if (!request.body) return { bytes: new Uint8Array(), startedMs: now() };
  const body = collect(isTooLarge ? 0 : (told ?? 0));
  const reader = request.body.getReader();
  let startedMs: number | null = null;
  let size = 0;
  try {
    for (;;) {
      const part = await answeredWithin(reader.read(), (startedMs ?? now()) + rules.waitMs - now());
      if (part === "late") return size > bytesMax ? "body-too-large" : "body-late";
      if (part.done) break;
      startedMs ??= now();
      size += part.value.byteLength;
      if (size > DRAIN_TIMES * bytesMax) return "body-too-large";
      if (isTooLarge || size > bytesMax) {
        body.drop();
        share.release();
      } else if (share.hold(size)) body.add(part.value);
      else return "no-room";
    }
  } catch {
    return "body-cut";
  } finally {
    reader.cancel().catch(() => {});
  }
  return isTooLarge || size > bytesMax ? "body-too-large" : { bytes: body.bytes(), startedMs: startedMs ?? now() };
}

/** Takes parts of a body, of which so many bytes are told to come: those are kept once, what comes beyond them twice for a moment. */
function collect(told: number) {
  let first = new Uint8Array(told);
  let filled = 0;
  let rest: Uint8Array[] = [];
  return {
    add(part: Uint8Array) {
      if (rest.length === 0 && filled + part.byteLength <= first.byteLength) {
        first.set(part, filled);
        filled += part.byteLength;
      } else rest.push(part);
    },
    drop() {
      first = new Uint8Array();
      rest = [];
      filled = 0;
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
