import { OUTCOMES, REASONS, RUNGS } from "../domain/outcome.ts";

type Json = Readonly<Record<string, unknown>>;

const reference = (name: string): Json => ({ $ref: `#/components/schemas/${name}` });
const json = (description: string, schema: Json): Json => ({ description, content: { "application/json": { schema } } });
const problemAnswer = (description: string): Json => ({
  description,
  content: { "application/problem+json": { schema: reference("Problem") } },
});
const nullable = (schema: Json): Json => ({ anyOf: [schema, { type: "null" }] });
const object = (properties: Json, optional: readonly string[] = []): Json => ({
  type: "object",
  properties,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
});

const RETRY = { "Retry-After": { schema: { type: "integer" }, description: "Seconds." } };
const unavailable = { ...problemAnswer("A store cannot be reached."), headers: RETRY };
const HOST_FORBIDDEN = "Without a configured source: the Host is not this machine.";

const ingestAnswers: Json = {
  200: json("A dry run: what would become of each alert.", reference("Answer")),
  201: json("Every alert is decided; at least one request was created.", reference("Answer")),
  202: json("Every alert is decided and durable.", reference("Answer")),
  400: problemAnswer("The body is no JSON, or holds a name twice."),
  401: problemAnswer("No source has the bearer token."),
  403: problemAnswer(HOST_FORBIDDEN),
  413: problemAnswer("Too many bytes or alerts."),
  415: problemAnswer("The content type is not JSON."),
  422: problemAnswer("Valid JSON of another shape; the detail tells what was expected."),
  429: { ...problemAnswer("As 503, for sources that honour 429."), headers: RETRY },
  503: { ...problemAnswer("An alert would be lost if the sender did not send it again."), headers: RETRY },
};

const ingest = (summary: string, schema: Json): Json => ({
  post: {
    summary,
    security: [{ source: [] }],
    parameters: [
      { name: "dryRun", in: "query", schema: { type: "string", enum: ["true", "false"] }, description: "true: judge only, write nothing." },
      {
        name: "Idempotency-Key",
        in: "header",
        schema: { type: "string", maxLength: 255 },
        description: "Equal keys within 120 s are one delivery.",
      },
    ],
    requestBody: { required: true, content: { "application/json": { schema } } },
    responses: ingestAnswers,
  },
});

const webhook = {
  type: "object",
  required: ["alerts"],
  properties: {
    version: { enum: ["4", "1"] },
    receiver: { type: "string" },
    groupKey: { type: "string", description: "Absent or empty: every POST is a delivery of its own." },
    truncatedAlerts: { type: "integer" },
    externalURL: { type: "string" },
    alerts: {
      type: "array",
      items: {
        type: "object",
        required: ["status", "labels"],
        properties: {
          status: { enum: ["firing", "resolved"] },
          labels: { type: "object", additionalProperties: { type: "string" } },
          annotations: { type: "object", additionalProperties: { type: "string" } },
          startsAt: { type: "string", format: "date-time" },
          generatorURL: { type: "string" },
          fingerprint: { type: "string" },
        },
      },
    },
  },
};

const event = {
  type: "object",
  properties: {
    type: { enum: ["Normal", "Warning"] },
    reason: { type: "string" },
    count: { type: "integer" },
    involvedObject: { type: "object" },
    regarding: { type: "object" },
    metadata: { type: "object" },
  },
};

const schemas = {
  Answer: object({ requestId: { type: "string" }, results: { type: "array", items: reference("Result") } }),
  Result: object({
    fingerprint: { type: "string", pattern: "^[0-9a-f]{64}$" },
    outcome: { enum: OUTCOMES },
    remediationRequest: nullable(object({ namespace: { type: "string" }, name: { type: "string" } })),
    occurrenceCount: { type: "integer", minimum: 0 },
    reason: { enum: REASONS },
    rung: { enum: RUNGS },
  }),
  Problem: object({ status: { type: "integer" }, code: { type: "string" }, title: { type: "string" }, detail: { type: "string" } }),
  DeadLetter: object({
    id: { type: "string" },
    source: { type: "string" },
    reason: { type: "string" },
    count: { type: "integer", minimum: 1 },
    firstSeen: { type: "string", format: "date-time" },
    lastSeen: { type: "string", format: "date-time" },
    payload: { type: "string", description: "The alert's JSON, at most 16 KiB; it may be cut." },
  }),
};

const probe = (summary: string, responses: Json): Json => ({ get: { summary, responses } });
const reading = (summary: string, answer: Json): Json => ({
  get: {
    summary,
    security: [{ reader: [] }],
    responses: {
      200: answer,
      401: problemAnswer("Neither a read nor an admin token."),
      403: problemAnswer(HOST_FORBIDDEN),
      503: unavailable,
    },
  },
});
const paging = ["cluster", "offset", "limit"].map((name) => ({
  name,
  in: "query",
  schema: { type: name === "cluster" ? "string" : "integer" },
}));

/** The API in OpenAPI 3.1. Outcomes, reasons and rungs are the very lists that the code decides with. */
export const openapi: Json = {
  openapi: "3.1.0",
  info: { title: "Breakwater", version: "0.1.0", license: { name: "Apache-2.0", identifier: "Apache-2.0" } },
  paths: {
    "/api/v1/signals/prometheus": ingest("Alertmanager's webhook (version 4) or Grafana's.", webhook),
    "/api/v1/signals/kubernetes-event": ingest("A Kubernetes Event (core/v1 or events.k8s.io/v1), or several.", {
      anyOf: [event, { type: "array", items: event }],
    }),
    "/api/v1/admin/dead-letters": {
      get: {
        summary: "Alerts that could not be judged, latest first.",
        security: [{ admin: [] }],
        parameters: paging,
        responses: {
          200: json(
            "A page.",
            object({
              cluster: { type: "string" },
              total: { type: "integer" },
              deadLetters: { type: "array", items: reference("DeadLetter") },
            }),
          ),
          400: problemAnswer("A query parameter is out of bounds."),
          401: problemAnswer("Not an admin token."),
          403: problemAnswer(`A read token. ${HOST_FORBIDDEN}`),
          404: problemAnswer("No such cluster."),
          503: unavailable,
        },
      },
    },
    "/health": probe("Whether the process lives.", { 200: json("It does.", { type: "object" }) }),
    "/ready": probe("Whether ingest would work.", {
      200: json("It would.", { type: "object" }),
      503: { ...problemAnswer("Starting, stopping, or ingest would answer 503."), headers: RETRY },
    }),
    "/metrics": reading("Prometheus' text format.", { description: "Series.", content: { "text/plain": { schema: { type: "string" } } } }),
    "/api/v1/status": reading("Dependencies by name, counters and what waits by cluster.", json("The state.", { type: "object" })),
    "/api/v1/openapi.json": reading("This document.", json("OpenAPI 3.1.", { type: "object" })),
  },
  components: {
    schemas,
    securitySchemes: {
      source: { type: "http", scheme: "bearer", description: "A source's token." },
      reader: { type: "http", scheme: "bearer", description: "A read or admin token." },
      admin: { type: "http", scheme: "bearer", description: "An admin token." },
    },
  },
};
