import { array, HOST_FORBIDDEN, type Json, json, problemAnswer, RETRY, reference, text, texts } from "./parts.ts";

const answers: Json = {
  200: json("A dry run: what would become of each alert.", reference("DryAnswer")),
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
    responses: answers,
  },
});

const webhook = {
  type: "object",
  required: ["alerts"],
  properties: {
    version: { enum: ["4", "1"] },
    receiver: text,
    groupKey: { type: "string", description: "Absent or empty: every POST is a delivery of its own." },
    truncatedAlerts: { type: "integer" },
    externalURL: text,
    alerts: array({
      type: "object",
      required: ["status", "labels"],
      properties: {
        status: { enum: ["firing", "resolved"] },
        labels: texts,
        annotations: texts,
        startsAt: { type: "string", format: "date-time" },
        generatorURL: text,
        fingerprint: text,
      },
    }),
  },
};

const event = {
  type: "object",
  properties: {
    type: { enum: ["Normal", "Warning"] },
    reason: text,
    count: { type: "integer" },
    involvedObject: { type: "object" },
    regarding: { type: "object" },
    metadata: { type: "object" },
  },
};

/** Where alerts are sent. */
export const ingestPaths: Json = {
  "/api/v1/signals/prometheus": ingest("Alertmanager's webhook (version 4) or Grafana's.", webhook),
  "/api/v1/signals/kubernetes-event": ingest("A Kubernetes Event (core/v1 or events.k8s.io/v1), or several.", {
    anyOf: [event, { type: "array", items: event }],
  }),
};
