import type { Context } from "hono";
import { continueToken, type ListQuery, readContinueToken, readListQuery } from "./list-query.ts";
import type { CustomObject } from "./object.ts";
import { existing, type Resource } from "./resource.ts";
import type { Matches } from "./selectors.ts";
import { keyOf } from "./store.ts";
import { createTables, metadataOnly, type Row, table, tableVersion } from "./table.ts";
import { watchStream } from "./watch.ts";

export interface Reading {
  get(c: Context, namespace: string, name: string): Response;
  /** A list, or a watch where the query asks for one. `namespace` null: of all. */
  list(c: Context, namespace: string | null): Response;
}

/** Answers lists as objects or tables, and watches. Throws the Status that the client is to get. */
export function createReading(resource: Resource): Reading {
  const { store, clock, definition } = resource;
  const tables = createTables(definition.columns);

  function list(c: Context, namespace: string | null, query: ListQuery): Response {
    const page = pageOf(resource, namespace, query);
    const version = tableVersion(c.req.header("accept"));
    if (version === null)
      return c.json({ apiVersion: definition.apiVersion, kind: definition.listKind, metadata: page.metadata, items: page.items });
    const rows = page.items.map((object) => tables.row(object, query.includeObject, clock.now()));
    return c.json(table(version, page.metadata, tables.columns, rows));
  }

  function watch(c: Context, namespace: string | null, query: ListQuery): Response {
    const version = tableVersion(c.req.header("accept"));
    const encoded = version === null ? plainEvents(resource) : tableEvents(version, query);
    const { resourceVersion, allowWatchBookmarks, timeoutSeconds } = query;
    const stream = watchStream(store, {
      from: resourceVersion === "" || resourceVersion === 0 ? null : resourceVersion,
      matches: within(namespace, query.matches),
      bookmarks: allowWatchBookmarks,
      timeoutMs: timeoutSeconds * 1000,
      ...encoded,
    });
    return c.body(stream, 200, { "content-type": "application/json" });
  }

  /** The columns travel with the first event only. */
  function tableEvents(version: string, { includeObject }: ListQuery) {
    let columns: typeof tables.columns | null = tables.columns;
    const event = (resourceVersion: string, row: Row) => {
      const first = columns;
      columns = null;
      return table(version, { resourceVersion }, first, [row]);
    };
    return {
      encode: (object: CustomObject) => event(object.metadata.resourceVersion, tables.row(object, includeObject, clock.now())),
      encodeBookmark: (resourceVersion: string) =>
        event(resourceVersion, { cells: tables.columns.map((_, at) => (at === 0 ? "" : null)), object: metadataOnly({ resourceVersion }) }),
    };
  }

  return {
    get(c, namespace, name) {
      const object = existing(resource, namespace, name);
      const version = tableVersion(c.req.header("accept"));
      if (version === null) return c.json(object);
      const { includeObject } = readListQuery(c.req.query());
      const { resourceVersion } = object.metadata;
      return c.json(table(version, { resourceVersion }, tables.columns, [tables.row(object, includeObject, clock.now())]));
    },
    list(c, namespace) {
      const query = readListQuery(c.req.query());
      return query.watch ? watch(c, namespace, query) : list(c, namespace, query);
    },
  };
}

const plainEvents = ({ definition: { apiVersion, kind } }: Resource) => ({
  encode: (object: CustomObject) => object,
  encodeBookmark: (resourceVersion: string) => ({ apiVersion, kind, metadata: { resourceVersion } }),
});

const within =
  (namespace: string | null, matches: Matches): Matches =>
  (object) =>
    (namespace === null || object.metadata.namespace === namespace) && matches(object);

function pageOf({ store }: Resource, namespace: string | null, query: ListQuery) {
  const { version, after } = readContinueToken(query.continue, store);
  const found = store.list(namespace, after).filter(query.matches);
  const items = query.limit === 0 ? found : found.slice(0, query.limit);
  const last = items.at(-1);
  const remaining = found.length - items.length;
  const resourceVersion = String(version);
  if (remaining === 0 || last === undefined) return { items, metadata: { resourceVersion } };
  return { items, metadata: { resourceVersion, continue: continueToken(version, keyOf(last)), remainingItemCount: remaining } };
}
