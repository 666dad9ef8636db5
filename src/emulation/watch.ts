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

/** As often as an API server sends them. */
const BOOKMARK_INTERVAL_MS = 60_000;

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
      start(controller) {
        // A blank line, which readers of JSON skip: Bun keeps the head of an answer back until there is something of its body.
        controller.enqueue(encoder.encode("\n"));
      },
      async pull(controller) {
        const { value, done } = await events.next();
        if (done === true) {
          clearTimeout(timer);
          controller.close();
        } else {
          controller.enqueue(encoder.encode(value.map((event) => `${JSON.stringify(event)}\n`).join("")));
        }
      },
      cancel() {
        clearTimeout(timer);
        end.resolve();
      },
    },
    { highWaterMark: 0 },
  );
}

/** Events in batches. Reads the store's history when the client is ready for more, so a slow client costs no memory. */
async function* watchEvents(store: Store, options: WatchOptions, end: Promise<void>): AsyncGenerator<readonly object[]> {
  const { from, matches, bookmarks, encode, encodeBookmark } = options;
  let seen = from ?? store.version();
  let ended = false;
  void end.then(() => (ended = true));
  const bookmark = () => ({ type: "BOOKMARK", object: encodeBookmark(String(seen)) });
  const present = from === null ? store.list(null, "").filter(matches) : [];
  if (present.length > 0) yield present.map((object) => ({ type: "ADDED", object: encode(object) }));
  while (!ended) {
    const changes = store.since(seen);
    if (changes === null) {
      yield [{ type: "ERROR", object: failureBody(expired(`too old resource version: ${seen} (${store.version()})`)) }];
      return;
    }
    seen += changes.length;
    const events = changes
      .flatMap((change) => eventOf(change, matches) ?? [])
      .map(({ type, object }) => ({ type, object: encode(object) }));
    if (events.length > 0) yield events;
    else if ((await next(store, end, bookmarks)) === "quiet") yield [bookmark()];
  }
  if (bookmarks) yield [bookmark()];
}

async function next(store: Store, end: Promise<void>, bookmarks: boolean): Promise<"over" | "changed" | "quiet"> {
  const quiet = Promise.withResolvers<"quiet">();
  const timer = bookmarks ? setTimeout(quiet.resolve, BOOKMARK_INTERVAL_MS, "quiet" as const) : undefined;
  const [over, changed] = [end.then(() => "over" as const), store.changed().then(() => "changed" as const)];
  return await Promise.race([over, changed, quiet.promise]).finally(() => clearTimeout(timer));
}

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
