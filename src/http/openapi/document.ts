import { VERSION } from "../../domain/version.ts";
import { adminPaths } from "./admin.ts";
import { ingestPaths } from "./ingest.ts";
import { fingerprint, type Json, json, problemAnswer, query, READER_REFUSALS, RETRY, reference } from "./parts.ts";
import { schemas } from "./schemas.ts";

const probe = (summary: string, responses: Json): Json => ({ get: { summary, responses } });

const reading = (summary: string, answer: Json): Json => ({
  get: { summary, security: [{ reader: [] }], responses: { 200: answer, ...READER_REFUSALS } },
});

const receipts = {
  get: {
    summary: "What became of an alert, step by step. A source sees what it sent itself.",
    security: [{ reader: [] }, { source: [] }],
    parameters: [
      ...query("cluster"),
      { name: "fingerprint", in: "query", required: true, schema: fingerprint, description: "As ingest answered it." },
    ],
    responses: {
      ...READER_REFUSALS,
      200: json("What is known of it.", reference("Receipt")),
      400: problemAnswer("The fingerprint is missing, or is none."),
      401: problemAnswer("Neither a read nor an admin token, nor a source's."),
      404: problemAnswer("No such cluster, or nothing is known of the fingerprint; to a source also what it never sent."),
    },
  },
};

/** The API in OpenAPI 3.1. Outcomes, reasons and rungs are the very lists that the code decides with. */
export const openapi: Json = {
  openapi: "3.1.0",
  info: { title: "Breakwater", version: VERSION, license: { name: "Apache-2.0", identifier: "Apache-2.0" } },
  paths: {
    ...ingestPaths,
    ...adminPaths,
    "/api/v1/receipts": receipts,
    "/health": probe("Whether the process lives.", { 200: json("It does.", { type: "object" }) }),
    "/ready": probe("Whether ingest would work.", {
      200: json("It would. `redis`: what is wrong with it all the same, to who has a token.", { type: "object" }),
      503: {
        ...problemAnswer("Starting, stopping, ingest would answer 503, or Redis needs somebody to change its settings or Breakwater's."),
        headers: RETRY,
      },
    }),
    "/metrics": reading("Prometheus' text format.", { description: "Series.", content: { "text/plain": { schema: { type: "string" } } } }),
    "/api/v1/status": reading("Dependencies by name, counters and what waits by cluster.", json("The state.", { type: "object" })),
    "/api/v1/openapi.json": reading("This document.", json("OpenAPI 3.1.", { type: "object" })),
  },
  components: {
    schemas,
    securitySchemes: {
      source: { type: "http", scheme: "bearer", description: "A source's token. Or Basic, with it as the password, and any user." },
      reader: { type: "http", scheme: "bearer", description: "A read or admin token. Or Basic as above." },
      admin: { type: "http", scheme: "bearer", description: "An admin token. Or Basic as above." },
    },
  },
};
