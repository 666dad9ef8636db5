// The parts of OpenAPI 3.1 (spec.openapis.org/oas/v3.1.1) that a document without callbacks, links and examples can have.
const text = { type: "string" };
const map = (values: object) => ({ type: "object", additionalProperties: values });
const closed = (properties: object, required: readonly string[] = []) => ({
  type: "object",
  properties,
  required,
  additionalProperties: false,
});
const to = (name: string) => ({ $ref: `#/$defs/${name}` });

const TYPES = ["string", "integer", "number", "boolean", "object", "array", "null"];

/** JSON Schema 2020-12 of an OpenAPI 3.1 document. Misspelt fields are errors. */
export const OPENAPI_STRUCTURE = {
  ...closed(
    {
      openapi: { type: "string", pattern: "^3\\.1\\.\\d+$" },
      info: closed({ title: text, version: text, description: text, license: closed({ name: text, identifier: text }, ["name"]) }, [
        "title",
        "version",
      ]),
      servers: { type: "array", items: closed({ url: text, description: text }, ["url"]) },
      paths: { type: "object", patternProperties: { "^/": to("pathItem") }, additionalProperties: false },
      components: closed({ schemas: map(to("schema")), securitySchemes: map(to("securityScheme")) }),
    },
    ["openapi", "info", "paths"],
  ),
  $defs: {
    pathItem: closed({ get: to("operation"), post: to("operation") }),
    operation: closed(
      {
        summary: text,
        description: text,
        operationId: text,
        security: { type: "array", items: map({ type: "array", items: text }) },
        parameters: { type: "array", items: to("parameter"), uniqueItems: true },
        requestBody: closed({ required: { type: "boolean" }, description: text, content: to("content") }, ["content"]),
        responses: {
          type: "object",
          patternProperties: { "^[1-5]\\d\\d$": to("response") },
          additionalProperties: false,
          minProperties: 1,
        },
      },
      ["summary", "responses"],
    ),
    parameter: closed(
      {
        name: text,
        in: { enum: ["query", "header", "path", "cookie"] },
        required: { type: "boolean" },
        description: text,
        schema: to("schema"),
      },
      ["name", "in", "schema"],
    ),
    response: closed(
      { description: text, content: to("content"), headers: map(closed({ description: text, schema: to("schema") }, ["schema"])) },
      ["description"],
    ),
    content: {
      type: "object",
      propertyNames: { pattern: "^\\w+/[\\w.+-]+$" },
      additionalProperties: closed({ schema: to("schema") }, ["schema"]),
    },
    securityScheme: closed({ type: { const: "http" }, scheme: { const: "bearer" }, description: text }, ["type", "scheme"]),
    schema: closed({
      $ref: { type: "string", pattern: "^#/components/schemas/\\w+$" },
      type: { enum: TYPES },
      enum: { type: "array", minItems: 1, uniqueItems: true },
      const: {},
      description: text,
      properties: map(to("schema")),
      required: { type: "array", items: text, uniqueItems: true },
      additionalProperties: { anyOf: [{ type: "boolean" }, to("schema")] },
      items: to("schema"),
      anyOf: { type: "array", items: to("schema"), minItems: 1 },
      format: { enum: ["date-time"] },
      pattern: { type: "string", format: "regex" },
      minimum: { type: "number" },
      maximum: { type: "number" },
      maxLength: { type: "integer" },
      maxItems: { type: "integer" },
    }),
  },
};
