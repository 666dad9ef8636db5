/** What a body may be encoded in (RFC 9110, section 8.4). */
export type Encoding = "gzip" | "deflate";

/** By the names that senders use. */
const NAMES: Readonly<Record<string, Encoding | null>> = { gzip: "gzip", "x-gzip": "gzip", deflate: "deflate", identity: null };

/** Each takes memory of its own, and multiplies what a small body may become. */
const ENCODINGS_MAX = 3;

/** A runtime may inflate all that it is given at once, to a thousand times as much. */
const PIECE_BYTES = 4 * 1024;

/** What a body is encoded in, in the order in which that was done; null: in something that is not taken. */
export function encodingsOf(header: string | undefined): readonly Encoding[] | null {
  const names = (header ?? "")
    .toLowerCase()
    .split(",")
    .map((name) => name.trim());
  const encodings = names.filter((name) => name !== "").map((name) => (Object.hasOwn(NAMES, name) ? NAMES[name] : undefined));
  if (encodings.includes(undefined)) return null;
  const real = encodings.filter((encoding) => encoding != null);
  return real.length > ENCODINGS_MAX ? null : real;
}

/** A body, part by part. */
export interface Parts {
  /** The next part; null: there is none. Throws where there should be one. */
  read(): Promise<Uint8Array | null>;
  /** Nothing more is read. */
  cancel(): void;
}

/** The parts of what was encoded so; no more is inflated than is asked for. Throws also where it is not encoded so, or not to its end. */
export function inflating(parts: Parts, encodings: readonly Encoding[]): Parts {
  return encodings.reduceRight((inner, encoding): Parts => {
    const reader = inPieces(inner).pipeThrough(new DecompressionStream(encoding)).getReader();
    return {
      read: async () => (await reader.read()).value ?? null,
      cancel: () => void reader.cancel().catch(() => {}),
    };
  }, parts);
}

function inPieces({ read, cancel }: Parts): ReadableStream<Uint8Array<ArrayBuffer>> {
  let part = new Uint8Array();
  const source: UnderlyingDefaultSource<Uint8Array<ArrayBuffer>> = {
    async pull(controller) {
      while (part.byteLength === 0) {
        const next = await read();
        if (next === null) return controller.close();
        part = next as Uint8Array<ArrayBuffer>;
      }
      controller.enqueue(part.slice(0, PIECE_BYTES));
      part = part.subarray(PIECE_BYTES);
    },
    cancel,
  };
  return new ReadableStream(source, { highWaterMark: 0 });
}
