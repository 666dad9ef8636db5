import { type Schema, Validator } from "@cfworker/json-schema";

type Json = Readonly<Record<string, unknown>>;

/** An OpenAPI document as far as answers are checked against it. */
export interface OpenApi {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Json>>; readonly securitySchemes: Json };
}

export interface Operation {
  readonly security?: readonly Json[];
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, { readonly schema: Json }>> }>>;
  readonly [field: string]: unknown;
}

export interface Given {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
}

/** What an answer has that the document does not tell, or lacks that it does; empty: nothing. */
export function undescribed(document: OpenApi, { method, path, status, contentType, text }: Given): string[] {
  const operation = document.paths[templateOf(document, path)]?.[method === "HEAD" ? "get" : method.toLowerCase()];
  const response = operation?.responses[status];
  if (operation && !response) return [`${method} ${path} is not described as answering ${status}`];
  const mediaType = contentType.split(";")[0] ?? "";
  // Paths and methods that the document does not have are answered by problems too.
  const schema = operation ? response?.content?.[mediaType]?.schema : { $ref: "#/components/schemas/Problem" };
  if (!schema) return [`${method} ${path} ${status} is not described as ${mediaType || "untyped"}`];
  if (method === "HEAD") return [];
  const value: unknown = mediaType.endsWith("json") ? JSON.parse(text) : text;
  const { errors } = new Validator(closed({ ...schema, components: document.components }) as Schema, "2020-12", false).validate(value);
  return errors.map(({ instanceLocation, error }) => `${method} ${path} ${status} ${instanceLocation}: ${error}`);
}

/** The document's path that a path is one of: `{id}` stands for any one part. */
function templateOf({ paths }: OpenApi, path: string): string {
  const parts = path.split("/");
  const fits = (template: string) => {
    const wanted = template.split("/");
    return wanted.length === parts.length && wanted.every((part, at) => part === parts[at] || (/^\{\w+\}$/.test(part) && parts[at] !== ""));
  };
  return path in paths ? path : (Object.keys(paths).find(fits) ?? path);
}

/** The schema, but for fields that it does not name: senders must bear them, the suite must not. */
function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== "object" || value === null) return value;
  const object = Object.fromEntries(Object.entries(value).map(([name, member]) => [name, closed(member)]));
  return "properties" in object && !("additionalProperties" in object) ? { ...object, additionalProperties: false } : object;
}
