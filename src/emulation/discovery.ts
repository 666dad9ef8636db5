import { Hono } from "hono";
import { type Format, negotiate } from "./accept.ts";
import type { Definition } from "./definition.ts";

interface Resource {
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly shortNames: readonly string[];
  readonly verbs: readonly string[];
  readonly subresources: readonly { readonly name: string; readonly verbs: readonly string[] }[];
}

interface GroupVersion {
  /** Empty: the core group. */
  readonly group: string;
  readonly version: string;
  readonly resources: readonly Resource[];
}

/** What the emulation serves: the defined resource in full, and as much of three others as kubectl looks at on the way. */
function served({ group, version, plural, singular, kind }: Definition): readonly GroupVersion[] {
  const readable = { verbs: ["get", "list"], subresources: [] };
  const subresources = [{ name: "status", verbs: ["get", "patch", "update"] }];
  const verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
  const namespaces = { plural: "namespaces", singular: "namespace", kind: "Namespace", namespaced: false, shortNames: ["ns"], ...readable };
  const events = {
    plural: "events",
    singular: "event",
    kind: "Event",
    namespaced: true,
    shortNames: ["ev"],
    verbs: ["list"],
    subresources: [],
  };
  const definitionNames = { plural: "customresourcedefinitions", singular: "customresourcedefinition", kind: "CustomResourceDefinition" };
  return [
    { group: "", version: "v1", resources: [namespaces, events] },
    {
      group: "apiextensions.k8s.io",
      version: "v1",
      resources: [{ ...definitionNames, namespaced: false, shortNames: ["crd", "crds"], ...readable }],
    },
    { group, version, resources: [{ plural, singular, kind, namespaced: true, shortNames: [], verbs, subresources }] },
  ];
}

/** Tells clients what there is, in one document for each root where they can read that, else group by group (Kubernetes API concepts, "API Discovery"). */
export function discoveryRoutes(definition: Definition): Hono {
  const all = served(definition);
  const [core, named] = [all.filter(({ group }) => group === ""), all.filter(({ group }) => group !== "")];
  const app = new Hono();
  const root = (path: string, groups: readonly GroupVersion[], unaggregated: object) =>
    app.get(path, (c) => {
      const format = negotiate(c.req.header("accept"), isAggregated);
      c.header("vary", "Accept");
      if (format.as === null) return c.json(unaggregated);
      const type = `application/json;g=apidiscovery.k8s.io;v=${format.version};as=APIGroupDiscoveryList`;
      return c.json(aggregated(groups, format.version), 200, { "content-type": type });
    });
  root("/api", core, { kind: "APIVersions", versions: ["v1"], serverAddressByClientCIDRs: [] });
  root("/apis", named, { kind: "APIGroupList", apiVersion: "v1", groups: named.map(apiGroup) });
  for (const each of named) app.get(`/apis/${each.group}`, (c) => c.json({ kind: "APIGroup", apiVersion: "v1", ...apiGroup(each) }));
  for (const each of all) app.get(each.group === "" ? "/api/v1" : `/apis/${each.group}/${each.version}`, (c) => c.json(resourceList(each)));
  return app;
}

const isAggregated = ({ as, group, version }: Format) =>
  as === "APIGroupDiscoveryList" && group === "apidiscovery.k8s.io" && ["v2", "v2beta1"].includes(version);

const aggregated = (groups: readonly GroupVersion[], format: string) => ({
  kind: "APIGroupDiscoveryList",
  apiVersion: `apidiscovery.k8s.io/${format}`,
  metadata: {},
  items: groups.map(({ group, version, resources }) => ({
    metadata: group === "" ? {} : { name: group },
    versions: [{ version, freshness: "Current", resources: resources.map((resource) => discovered(group, version, resource)) }],
  })),
});

function discovered(group: string, version: string, { plural, singular, kind, namespaced, shortNames, verbs, subresources }: Resource) {
  const responseKind = { group, version, kind };
  return {
    resource: plural,
    responseKind,
    scope: namespaced ? "Namespaced" : "Cluster",
    singularResource: singular,
    verbs,
    shortNames,
    subresources: subresources.map((each) => ({ subresource: each.name, responseKind, verbs: each.verbs })),
  };
}

function apiGroup({ group, version }: GroupVersion) {
  const only = { groupVersion: `${group}/${version}`, version };
  return { name: group, versions: [only], preferredVersion: only };
}

const resourceList = ({ group, version, resources }: GroupVersion) => ({
  kind: "APIResourceList",
  apiVersion: "v1",
  groupVersion: group === "" ? version : `${group}/${version}`,
  resources: resources.flatMap(({ plural, singular, kind, namespaced, shortNames, verbs, subresources }) => [
    { name: plural, singularName: singular, namespaced, kind, verbs, shortNames },
    ...subresources.map((each) => ({ name: `${plural}/${each.name}`, singularName: "", namespaced, kind, verbs: each.verbs })),
  ]),
});
