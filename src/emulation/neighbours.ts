import { type Context, Hono } from "hono";
import type { Definition } from "./definition.ts";
import type { Json } from "./json.ts";
import type { EmulationClock } from "./resource.ts";
import { notFound } from "./status.ts";
import { ageCell, column, metadataOnly, NAME_COLUMN, type Row, table, tableVersion } from "./table.ts";

interface NeighbourObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly creationTimestamp: string; readonly resourceVersion: string };
}

/** A resource that is only read. Its objects do not change, so all have one resourceVersion. */
interface Neighbour {
  readonly group: string;
  readonly plural: string;
  readonly kind: string;
  readonly columns: readonly ReturnType<typeof column>[];
  all(): readonly NeighbourObject[];
  cells(object: NeighbourObject): readonly Json[];
}

const RESOURCE_VERSION = "1";

/**
 * Resources that the emulation knows just enough of for kubectl: namespaces (the usual ones and those that hold an object; none has to be
 * created), events (there are none) and the definition of the resource it serves.
 */
export function neighbourRoutes(definition: Definition, clock: EmulationClock, occupied: () => ReadonlySet<string>): Hono {
  const startedAt = new Date(clock.now()).toISOString().replace(/\.\d+/, "");
  const established = establishedDefinition(definition, startedAt);
  const namespaces: Neighbour = {
    group: "",
    plural: "namespaces",
    kind: "Namespace",
    columns: [
      NAME_COLUMN,
      column("Status", "string", "The status of the namespace."),
      column("Age", "string", "Time since it was created."),
    ],
    all: () => [...new Set(["default", "kubernaut-system", ...occupied()])].sort().map((name) => namespaceObject(name, startedAt)),
    cells: ({ metadata }) => [metadata.name, "Active", ageCell(metadata.creationTimestamp, clock.now())],
  };
  const definitions: Neighbour = {
    group: "apiextensions.k8s.io",
    plural: "customresourcedefinitions",
    kind: "CustomResourceDefinition",
    columns: [NAME_COLUMN, column("Created At", "date", "When it was created.")],
    all: () => [established],
    cells: ({ metadata }) => [metadata.name, metadata.creationTimestamp],
  };
  const events: Neighbour = { group: "", plural: "events", kind: "Event", columns: [NAME_COLUMN], all: () => [], cells: () => [] };
  const app = new Hono();
  serve(app, "/api/v1/namespaces", namespaces);
  serve(app, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", definitions);
  serve(app, "/api/v1/events", events);
  serve(app, "/api/v1/namespaces/:namespace/events", events);
  return app;
}

function serve(app: Hono, path: string, { group, plural, kind, columns, all, cells }: Neighbour): void {
  const apiVersion = group === "" ? "v1" : `${group}/v1`;
  const metadata = { resourceVersion: RESOURCE_VERSION };
  const answer = (c: Context, objects: readonly NeighbourObject[], plain: object) => {
    const version = tableVersion(c.req.header("accept"));
    const rows: Row[] = objects.map((object) => ({ cells: cells(object), object: metadataOnly(object.metadata) }));
    return c.json(version === null ? plain : table(version, metadata, columns, rows));
  };
  app.get(path, (c) => answer(c, all(), { kind: `${kind}List`, apiVersion, metadata, items: all() }));
  app.get(`${path}/:name`, (c) => {
    const name = c.req.param("name") ?? "";
    const found = all().find((object) => object.metadata.name === name);
    if (found === undefined) throw notFound({ group, kind: plural, name });
    return answer(c, [found], found);
  });
}

const namespaceObject = (name: string, creationTimestamp: string) => ({
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name, creationTimestamp, resourceVersion: RESOURCE_VERSION, labels: { "kubernetes.io/metadata.name": name } },
  status: { phase: "Active" },
});

function establishedDefinition({ manifest, version }: Definition, creationTimestamp: string): NeighbourObject {
  const conditions = ["NamesAccepted", "Established"].map((type) => ({ type, status: "True", lastTransitionTime: creationTimestamp }));
  return {
    ...manifest,
    metadata: { ...manifest.metadata, creationTimestamp, resourceVersion: RESOURCE_VERSION },
    status: { acceptedNames: manifest.spec.names, conditions, storedVersions: [version] },
  } as NeighbourObject;
}
