import { Hono } from "hono";
import type { Definition } from "./definition.ts";

/**
 * The schema for `kubectl explain`, and the sign that the server judges unknown fields itself: kubectl looks for the
 * `fieldValidation` parameter of the patch operation before it sends anything (OpenAPI 3.0 as Kubernetes serves it).
 */
export function openapiRoutes(definition: Definition): Hono {
  const { group, version } = definition;
  const path = `apis/${group}/${version}`;
  const document = openapiDocument(definition);
  const app = new Hono();
  app.get("/openapi/v3", (c) => c.json({ paths: { [path]: { serverRelativeURL: `/openapi/v3/${path}` } } }));
  app.get(`/openapi/v3/${path}`, (c) => c.json(document));
  return app;
}

function openapiDocument({ group, version, kind, plural, schema }: Definition) {
  const gvk = { group, version, kind };
  const name = [...group.split(".").reverse(), version, kind].join(".");
  const response = { description: "OK", content: { "application/json": { schema: { $ref: `#/components/schemas/${name}` } } } };
  const parameter = (parameterName: string) => ({ name: parameterName, in: "query", schema: { type: "string", uniqueItems: true } });
  const patch = {
    operationId: `patch${kind}`,
    "x-kubernetes-action": "patch",
    "x-kubernetes-group-version-kind": gvk,
    parameters: [parameter("dryRun"), parameter("fieldManager"), parameter("fieldValidation")],
    requestBody: { content: { "application/json-patch+json": {}, "application/merge-patch+json": {} } },
    responses: { "200": response },
  };
  return {
    openapi: "3.0.0",
    info: { title: "Kubernetes", version: "v1" },
    paths: { [`/apis/${group}/${version}/namespaces/{namespace}/${plural}/{name}`]: { patch } },
    components: { schemas: { [name]: { ...schema, "x-kubernetes-group-version-kind": [gvk] } } },
  };
}
