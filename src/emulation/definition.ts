import * as v from "valibot";

const SchemaNode = v.looseObject({
  type: v.optional(v.string()),
  properties: v.optional(
    v.record(
      v.string(),
      v.lazy((): v.GenericSchema<unknown, SchemaNode> => SchemaNode),
    ),
  ),
  additionalProperties: v.optional(v.lazy((): v.GenericSchema<unknown, SchemaNode> => SchemaNode)),
  items: v.optional(v.lazy((): v.GenericSchema<unknown, SchemaNode> => SchemaNode)),
  enum: v.optional(v.array(v.string())),
  pattern: v.optional(v.string()),
  format: v.optional(v.string()),
  minLength: v.optional(v.number()),
  maxLength: v.optional(v.number()),
  required: v.optional(v.array(v.string())),
  "x-kubernetes-validations": v.optional(v.array(v.object({ rule: v.string(), message: v.string() }))),
});

/** The part of a structural schema (Kubernetes, "Extend the Kubernetes API with CustomResourceDefinitions") that the emulation judges by. */
export interface SchemaNode {
  readonly type?: string | undefined;
  readonly properties?: Readonly<Record<string, SchemaNode>> | undefined;
  readonly additionalProperties?: SchemaNode | undefined;
  readonly items?: SchemaNode | undefined;
  readonly enum?: readonly string[] | undefined;
  readonly pattern?: string | undefined;
  readonly format?: string | undefined;
  readonly minLength?: number | undefined;
  readonly maxLength?: number | undefined;
  readonly required?: readonly string[] | undefined;
  readonly "x-kubernetes-validations"?: readonly { readonly rule: string; readonly message: string }[] | undefined;
}

const Column = v.object({
  name: v.string(),
  type: v.picklist(["string", "integer", "number", "boolean", "date"]),
  jsonPath: v.pipe(v.string(), v.regex(/^(\.[A-Za-z]+)+$/, "only plain paths such as .spec.severity")),
  description: v.optional(v.string()),
  priority: v.optional(v.number(), 0),
});
export type PrinterColumn = v.InferOutput<typeof Column>;

const Manifest = v.looseObject({
  apiVersion: v.literal("apiextensions.k8s.io/v1"),
  kind: v.literal("CustomResourceDefinition"),
  metadata: v.looseObject({ name: v.string() }),
  spec: v.looseObject({
    group: v.string(),
    names: v.looseObject({ kind: v.string(), listKind: v.string(), plural: v.string(), singular: v.string() }),
    scope: v.literal("Namespaced"),
    versions: v.strictTuple([
      v.looseObject({
        name: v.string(),
        schema: v.object({ openAPIV3Schema: SchemaNode }),
        subresources: v.object({ status: v.object({}) }),
        additionalPrinterColumns: v.optional(v.array(Column), []),
      }),
    ]),
  }),
});

/** One namespaced resource with a status subresource, as its CustomResourceDefinition describes it. */
export interface Definition {
  readonly manifest: v.InferOutput<typeof Manifest>;
  readonly group: string;
  readonly version: string;
  /** `group/version`. */
  readonly apiVersion: string;
  readonly kind: string;
  readonly listKind: string;
  readonly plural: string;
  readonly singular: string;
  readonly schema: SchemaNode;
  readonly columns: readonly PrinterColumn[];
}

/** Throws where the manifest asks for something that the emulation cannot do, so that it never judges more mildly than an API server. */
export function readDefinition(manifest: unknown): Definition {
  const parsed = v.parse(Manifest, manifest);
  const { group, names, versions } = parsed.spec;
  const [{ name: version, schema, additionalPrinterColumns: columns }] = versions;
  const { kind, listKind, plural, singular } = names;
  const root = schema.openAPIV3Schema;
  return { manifest: parsed, group, version, apiVersion: `${group}/${version}`, kind, listKind, plural, singular, schema: root, columns };
}
