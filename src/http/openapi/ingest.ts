import { array, HOST_FORBIDDEN, type Json, json, problemAnswer, RETRY, reference, text } from "./parts.ts";

const answers: Json = {
  200: json("A dry run: what would become of each alert.", reference("DryAnswer")),
  201: json("Every alert is decided; at least one request was created.", reference("Answer")),
  202: json("Every alert is decided and durable.", reference("Answer")),
  400: problemAnswer("The body is no JSON, or holds a name twice; of JSON lines: all of them. Or it is not encoded as it says."),
  401: problemAnswer("No source has the token."),
  403: problemAnswer(HOST_FORBIDDEN),
  413: problemAnswer("Too many bytes, values or alerts; the detail tells what helps."),
  415: {
    ...problemAnswer(
      "The content type is not JSON, nor, where events are taken, JSON lines. Or the body is encoded in something else than gzip and deflate.",
    ),
    headers: { "Accept-Encoding": { schema: text, description: "Of the latter: what is taken." } },
  },
  422: problemAnswer(
    "Valid JSON of another shape; the detail tells what was expected. Or the Idempotency-Key came with another body before.",
  ),
  429: { ...problemAnswer("As 503, for sources that honour 429."), headers: RETRY },
  503: { ...problemAnswer("An alert would be lost if the sender did not send it again."), headers: RETRY },
};

const ingest = (summary: string, content: Json): Json => ({
  post: {
    summary,
    security: [{ source: [] }],
    parameters: [
      { name: "dryRun", in: "query", schema: { type: "string", enum: ["true", "false"] }, description: "true: judge only, write nothing." },
      {
        name: "Idempotency-Key",
        in: "header",
        schema: { type: "string", pattern: "^[!-~]{1,255}$" },
        description:
          "Equal keys within 120 s are one delivery. A key is bound to its path and the bytes of its body: with others it is answered 422.",
      },
    ],
    requestBody: { required: true, content },
    responses: answers,
  },
});

const startsAt = {
  description:
    "A time as RFC 3339 or most programs write it, or seconds, ms, µs or ns since 1970. One that cannot be read, or lies more than 10 min ahead, counts as when the alert came in.",
};

const webhook = {
  type: "object",
  required: ["alerts"],
  description: "Only labels identify an alert. Everything else may be absent or of another type, and is read as well as it can be.",
  properties: {
    version: { description: "4 or 1. Of another version at least one alert needs labels." },
    receiver: text,
    groupKey: { type: "string", description: "Absent or empty: every POST is a delivery of its own." },
    truncatedAlerts: { type: "integer" },
    status: { description: "Of all alerts; counts for an alert that tells neither status nor end." },
    externalURL: text,
    alerts: array({
      type: "object",
      required: ["labels"],
      properties: {
        status: { description: "firing or resolved, in any case. Absent: resolved if endsAt has passed, else as the webhook's." },
        labels: {
          type: "object",
          description: "alertname, or else rule or rulename, names the alert. Values of other types become text; null is none.",
        },
        annotations: { type: "object", description: "Values of other types become text; null is none." },
        startsAt,
        endsAt: { description: "Counts only for an alert that tells no status." },
        generatorURL: text,
        fingerprint: text,
      },
    }),
  },
};

const event = {
  type: "object",
  properties: {
    type: { description: "Normal, Info and their like, in any case: ignored. Everything else, and none, is an alert." },
    reason: text,
    count: { description: "A number, or its text." },
    involvedObject: { type: "object" },
    regarding: { type: "object" },
    metadata: { type: "object" },
  },
  description: "An Event, an EventList, or one of them as `data` of a CloudEvent, `object` of a watch frame, or `event`.",
};

/** Where alerts are sent. */
export const ingestPaths: Json = {
  "/api/v1/signals/prometheus": ingest("Alertmanager's webhook (version 4) or Grafana's.", { "application/json": { schema: webhook } }),
  "/api/v1/signals/kubernetes-event": ingest("A Kubernetes Event (core/v1 or events.k8s.io/v1), or several.", {
    "application/json": { schema: { anyOf: [event, array(event)] } },
    "application/x-ndjson": { schema: { type: "string", description: "One of these in each line." } },
  }),
};
