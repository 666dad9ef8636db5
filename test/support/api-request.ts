import { readFileSync } from "node:fs";
import { Agent, fetch } from "undici";

/** What a request to the API server needs to know of it. */
export interface ApiServerAccess {
  readonly url: string;
  readonly caFile: string;
  readonly adminToken: string;
}

const agents = new Map<string, Agent>();

function agentFor(caFile: string): Agent {
  const agent = agents.get(caFile) ?? new Agent({ connect: { ca: readFileSync(caFile) } });
  agents.set(caFile, agent);
  return agent;
}

/** A request; without a method a GET, and `body` is sent as JSON under its content type. */
export interface ApiRequest {
  readonly method?: string;
  readonly body?: unknown;
  readonly contentType?: string;
}

/** One request as the cluster's admin, by no client of the project's own; any status is an answer. */
export async function requestApiServer(
  { url, caFile, adminToken }: ApiServerAccess,
  path: string,
  { method = "GET", body, contentType = "application/json" }: ApiRequest = {},
): Promise<{ readonly status: number; readonly body: unknown }> {
  const response = await fetch(new URL(path, url), {
    method,
    dispatcher: agentFor(caFile),
    headers: { authorization: `Bearer ${adminToken}`, "content-type": contentType },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.startsWith("application/json") ?? false;
  return { status: response.status, body: isJson ? JSON.parse(text) : text };
}
