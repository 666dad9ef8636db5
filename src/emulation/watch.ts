import type { CustomObject } from "./object.ts";
import type { Matches } from "./selectors.ts";
import { expired, failureBody } from "./status.ts";
import type { Change, Store } from "./store.ts";

export type EventType = "ADDED" | "MODIFIED" | "DELETED";

export interface WatchOptions {
  /** The resourceVersion that the client has seen; null: what exists comes first, as ADDED. */
  readonly from: number | null;
  readonly matches: Matches;
  /** Tell the client now and then how far it has seen, though nothing changed for it. */
  readonly bookmarks: boolean;
  readonly timeoutMs: number;
  encode(object: CustomObject): unknown;
  encodeBookmark(resourceVersion: string): unknown;
}

/** Servers and clients alike give up connections that are silent for half a minute or longer. */
const SILENCE_MS = 20_000;

/**
 * The events of a watch, one JSON text a line (Kubernetes API concepts, "Efficient detection of changes"), until `timeoutMs` has passed or the client is gone.
 * A client that asks for, or falls behind, what is forgotten gets an ERROR event of code 410 and has to list again.
 */
export function watchStream(store: Store, options: WatchOptions): ReadableStream<Uint8Array> {
  const end = Promise.withResolvers<void>();
  const timer = setTimeout(end.resolve, options.timeoutMs);
  const events = watchEvents(store, options, end.promise);
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { value, done } = await events.next();
        if (done === true) {
          clearTimeout(timer);
          controller.close();
        } else {
          controller.enqueue(encoder.encode(`${value.map((event) => JSON.stringify(event)).join("\n")}\n`));
        }
      },
      cancel() {
        clearTimeout(timer);
        end.resolve();
        void events.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
}

/**
 * Events in batches; an empty one is a sign of life, a blank line that readers of JSON skip. Reads the store's history when the client is
 * ready for more, so a slow client costs no memory.
 */
async function* watchEvents(store: Store, options: WatchOptions, end: Promise<void>): AsyncGenerator<readonly object[]> {
  const { from, matches, bookmarks, encode, encodeBookmark } = options;
  // Bun keeps the head of an answer back until there is something of its body.
  yield [];
  let seen = from ?? store.version();
  let silence = startSilence();
  let ended = false;
  void end.then(() => (ended = true));
  const bookmark = () => ({ type: "BOOKMARK", object: encodeBookmark(String(seen)) });
  const present = from === null ? store.list(null, "").filter(matches) : [];
  try {
    if (present.length > 0) yield present.map((object) => ({ type: "ADDED", object: encode(object) }));
    while (!ended) {
      const changes = store.since(seen);
      if (changes === null) return yield [{ type: "ERROR", object: failureBody(tooOld(seen, store)) }];
      seen += changes.length;
      const events = changes.flatMap((change) => eventOf(change, matches) ?? []);
      if (events.length > 0) {
        yield events.map(({ type, object }) => ({ type, object: encode(object) }));
      } else if ((await Promise.race([end, silence.kept, store.changed()])) === "silence") {
        silence = startSilence();
        yield bookmarks ? [bookmark()] : [];
      }
    }
    if (bookmarks) yield [bookmark()];
  } finally {
    silence.cancel();
  }
}

function startSilence() {
  const { promise: kept, resolve } = Promise.withResolvers<"silence">();
  const timer = setTimeout(resolve, SILENCE_MS, "silence");
  return { kept, cancel: () => clearTimeout(timer) };
}

const tooOld = (seen: number, store: Store) => expired(`too old resource version: ${seen} (${store.version()})`);

/** What a change is to somebody who sees only what matches: an object that begins to match appears, one that no longer does vanishes. */
function eventOf(
  { previous, object, version }: Change,
  matches: Matches,
): { readonly type: EventType; readonly object: CustomObject } | null {
  const before = previous !== null && matches(previous);
  if (object !== null && matches(object)) return { type: before ? "MODIFIED" : "ADDED", object };
  if (!before) return null;
  return { type: "DELETED", object: { ...previous, metadata: { ...previous.metadata, resourceVersion: String(version) } } };
}
