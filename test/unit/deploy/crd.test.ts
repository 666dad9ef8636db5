import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";

const read = (path: string) => parse(readFileSync(path, "utf8"));
const ours = read("deploy/crd.yaml");
const theirs = read("test/compat/remediationrequests.seed-era.yaml");

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly [keyword: string]: unknown;
}

/** Every place where `less` says something that `more` does not say in the same words. A missing keyword is a milder rule, but also a field that is no longer kept. */
function missing(less: Schema, more: Schema | undefined, path: string): readonly string[] {
  if (more === undefined) return [path];
  const { properties = {}, ...keywords } = less;
  const changed = Object.entries(keywords).filter(([key, value]) => JSON.stringify(more[key]) !== JSON.stringify(value));
  return [
    ...changed.map(([key]) => `${path} ${key}`),
    ...Object.entries(properties).flatMap(([key, schema]) => missing(schema, more.properties?.[key], `${path}.${key}`)),
  ];
}

/** Keywords that `more` puts on a place that `less` knows: each could refuse what was valid. */
function stricter(less: Schema, more: Schema, path: string): readonly string[] {
  const added = Object.keys(more).filter((key) => !(key in less));
  const below = Object.entries(less.properties ?? {}).flatMap(([key, schema]) =>
    stricter(schema, more.properties?.[key] ?? schema, `${path}.${key}`),
  );
  return [...added.map((key) => `${path} ${key}`), ...below];
}

/** Properties that only `more` has. */
function added(less: Schema, more: Schema, path: string): readonly string[] {
  return Object.entries(more.properties ?? {}).flatMap(([key, schema]) => {
    const known = less.properties?.[key];
    return known === undefined ? [`${path}.${key}`] : added(known, schema, `${path}.${key}`);
  });
}

const schemaOf = (definition: { spec: { versions: { schema: { openAPIV3Schema: Schema } }[] } }) =>
  definition.spec.versions[0]?.schema.openAPIV3Schema ?? {};

describe("the CRD", () => {
  it("has all that existing consumers' schema has, in the same words", () => {
    expect(missing(schemaOf(theirs), schemaOf(ours), "")).toEqual([]);
  });

  it("refuses nothing that existing consumers' schema takes", () => {
    expect(stricter(schemaOf(theirs), schemaOf(ours), "")).toEqual([]);
  });

  it("adds counts and storms to the status, and nothing else", () => {
    expect(added(schemaOf(theirs), schemaOf(ours), "")).toEqual([".status.deduplication", ".status.storm"]);
    const { deduplication, storm } = schemaOf(ours).properties?.status?.properties ?? {};
    const fields = (schema: Schema | undefined) => Object.keys(schema?.properties ?? {}).sort();
    expect(fields(deduplication)).toEqual([
      ...["firstSeen", "highestPriority", "highestSeverity", "lastSeen", "occurrenceCount", "resolvedAt", "slots"],
    ]);
    expect(fields(storm)).toEqual(["alertCount", "closedAt", "details", "members", "truncated"]);
    expect([deduplication?.required, storm?.required]).toEqual([undefined, undefined]);
  });

  it("is the same resource: names, scope, version, storage and status subresource", () => {
    const identity = ({ metadata, spec }: typeof theirs) => ({
      name: metadata.name,
      ...{ group: spec.group, names: spec.names, scope: spec.scope },
      versions: spec.versions.map((each: Schema) => [each.name, each.served, each.storage, each.subresources]),
    });
    expect(identity(ours)).toEqual(identity(theirs));
  });

  it("shows signal, severity, the highest severity and priority, phase, count and age", () => {
    const columns: { name: string }[] = ours.spec.versions[0].additionalPrinterColumns;
    expect(columns.map(({ name }) => name)).toEqual(["Signal", "Severity", "Highest", "Priority", "Phase", "Count", "Age"]);
  });
});

describe("the kustomization", () => {
  it("installs namespace, definition and rights", () => {
    expect(read("deploy/kustomization.yaml").resources).toEqual(["base"]);
    const { resources } = read("deploy/base/kustomization.yaml");
    expect(resources).toEqual(["namespace.yaml", "crd.yaml", "rbac.yaml"]);
    for (const resource of resources) expect(readFileSync(`deploy/base/${resource}`, "utf8")).not.toBe("");
    expect(read("deploy/base/namespace.yaml").metadata.name).toBe("kubernaut-system");
  });
});
