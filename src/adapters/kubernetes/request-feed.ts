import { ApiException } from "@kubernetes/client-node";
import * as v from "valibot";
import { REQUEST_API } from "../../domain/remediation-request.ts";
import { ApiFailure } from "./api-failure.ts";
import { toApiFailure } from "./api-reply.ts";
import type { Kubernetes } from "./client.ts";
import { listRequests, readVersion, type Snapshot, toRequest } from "./custom-objects.ts";
import { readLines } from "./json-lines.ts";
import type { StoredRequest } from "./stored-request.ts";

/** `reached`: all changes up to this version were told, though none may have been of interest. */
export type RequestEvent =
  | { readonly kind: "present"; readonly request: StoredRequest }
  | { readonly kind: "removed"; readonly request: StoredRequest }
  | { readonly kind: "reached"; readonly resourceVersion: string };

/** Requests of one namespace, or of all with null, as they were and as they change. All reject with `ApiFailure`. */
export interface RequestFeed {
  /** In a state at least as new as the call. */
  list(namespace: string | null): Promise<Snapshot>;
  /** How far the server is, at least as new as the call. */
  version(namespace: string | null): Promise<string>;
  /** Every change since `resourceVersion`, in order, until the server ends it after half a minute. Rejects with `expired` when it has forgotten some. */
  watch(namespace: string | null, resourceVersion: string, signal: AbortSignal): Promise<AsyncIterable<RequestEvent>>;
}

/** How long the server keeps a watch open: a connection that broke unnoticed is noticed soon after. */
const WATCH_SECONDS = 30;

/** The API server takes no object beyond 3 MiB. */
const LINE_LENGTH_MAX = 4 * 1024 * 1024;

/** A line of a watch (Kubernetes API concepts, "Efficient detection of changes"). */
const Line = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ type: v.picklist(["ADDED", "MODIFIED", "DELETED", "BOOKMARK", "ERROR"]), object: v.unknown() }),
);
const Bookmark = v.object({ metadata: v.object({ resourceVersion: v.string() }) });
const Refusal = v.object({ code: v.fallback(v.number(), 500) });

/** The feed of an API server. */
export function createRequestFeed({ objects, stream }: Kubernetes): RequestFeed {
  return {
    list: (namespace) => listRequests(objects, namespace),
    version: (namespace) => readVersion(objects, namespace),
    async watch(namespace, resourceVersion, signal) {
      const query = { watch: "1", resourceVersion, timeoutSeconds: String(WATCH_SECONDS), allowWatchBookmarks: "true" };
      return readEvents(await stream(`${pathOf(namespace)}?${new URLSearchParams(query)}`, signal));
    },
  };
}

function pathOf(namespace: string | null): string {
  const { group, version, plural } = REQUEST_API;
  return `/apis/${group}/${version}/${namespace === null ? "" : `namespaces/${encodeURIComponent(namespace)}/`}${plural}`;
}

async function* readEvents(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<RequestEvent> {
  try {
    for await (const line of readLines(chunks, LINE_LENGTH_MAX)) yield readEvent(line);
  } catch (error) {
    throw toApiFailure(error);
  }
}

function readEvent(line: string): RequestEvent {
  const { type, object } = read(Line, line);
  switch (type) {
    case "BOOKMARK":
      return { kind: "reached", resourceVersion: read(Bookmark, object).metadata.resourceVersion };
    case "ERROR":
      throw toApiFailure(new ApiException(read(Refusal, object).code, "", object, {}));
    case "DELETED":
      return { kind: "removed", request: toRequest(object) };
    default:
      return { kind: "present", request: toRequest(object) };
  }
}

function read<Schema extends v.GenericSchema>(schema: Schema, value: unknown): v.InferOutput<Schema> {
  const parsed = v.safeParse(schema, value);
  if (!parsed.success) throw new ApiFailure("reply-invalid");
  return parsed.output;
}
