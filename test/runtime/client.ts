import { expect } from "vitest";
import { type OpenApi, undescribed } from "./described.ts";
import { MARKER } from "./payloads.ts";
import type { RawAnswer } from "./raw-http.ts";
import type { Target } from "./target.ts";

export const PROMETHEUS = "/api/v1/signals/prometheus";
export const EVENTS = "/api/v1/signals/kubernetes-event";
export const DEAD_LETTERS = "/api/v1/admin/dead-letters";
export const WINDOWS = "/api/v1/admin/windows";
export const FLAGS = "/api/v1/admin/flags";
export const SWEEP = "/api/v1/admin/sweep";
export const RECEIPTS = "/api/v1/receipts";

export interface Result {
  readonly fingerprint: string;
  readonly outcome: string;
  readonly remediationRequest: { readonly namespace: string; readonly name: string } | null;
  readonly occurrenceCount: number;
  readonly reason: string;
  readonly rung: string;
}

export interface Answer extends RawAnswer {
  /** The body parsed; null where it is no JSON. */
  readonly json: unknown;
  /** Of an ingest answer; none in any other. */
  readonly results: readonly Result[];
}

export interface Sending {
  readonly method?: string;
  readonly token?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
}

/** Talks to a target and holds each of its answers to what every answer promises. */
export interface Client {
  readonly target: Target;
  readonly openapi: OpenApi;
  /** Whatever fetch can send; without a token of its own by nobody. */
  send(path: string, sending?: Sending): Promise<Answer>;
  /** JSON as the source, or the text as it stands. */
  post(path: string, payload: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  /** As who may read. */
  read(path: string): Promise<Answer>;
  /** As an administrator. */
  administer(path: string): Promise<Answer>;
  /** The same with a change, which has no body. */
  change(path: string): Promise<Answer>;
  /** Checks and notes an answer that came another way. */
  check(method: string, path: string, answer: RawAnswer): Answer;
  /** All results of 2xx answers so far; dry runs have none. */
  readonly results: readonly Result[];
}

export async function openClient(target: Target): Promise<Client> {
  const results: Result[] = [];
  const reader = target.readToken ?? target.adminToken;
  const asReader = { headers: { authorization: `Bearer ${reader}` } };
  const openapi = (await (await fetch(new URL("/api/v1/openapi.json", target.url), asReader)).json()) as OpenApi;
  const secrets = [MARKER, target.sourceToken, target.narrowToken, target.adminToken, target.readToken].filter((secret) => secret !== null);

  const check = (method: string, path: string, { status, headers, text }: RawAnswer): Answer => {
    const contentType = headers.get("content-type") ?? "";
    const [pathname = "", query = ""] = path.split("?");
    expect(undescribed(openapi, { method, path: pathname, status, contentType, text })).toEqual([]);
    expect(headers.get("location")).toBeNull();
    const json: unknown = contentType.includes("json") && method !== "HEAD" ? JSON.parse(text) : null;
    if (status >= 400 && method !== "HEAD") {
      expect(contentType).toBe("application/problem+json");
      expect(json).toMatchObject({ status });
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(1024);
      expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
      if (status === 503 || status === 429) expect(headers.get("retry-after")).toMatch(/^\d+$/);
    }
    const answered = (json as { results?: readonly Result[] } | null)?.results ?? [];
    if (status < 300 && !query.includes("dryRun=true")) results.push(...answered);
    return { status, headers, text, json, results: answered };
  };
  const send = async (path: string, { method = "GET", token, headers, body }: Sending = {}) => {
    const authorization = token ? { authorization: `Bearer ${token}` } : {};
    const url = new URL(target.url).origin + path;
    const answer = await fetch(url, {
      method,
      headers: { ...authorization, ...headers },
      redirect: "manual",
      ...(body !== undefined && { body }),
    });
    return check(method, path, { status: answer.status, headers: answer.headers, text: await answer.text() });
  };
  return {
    target,
    openapi,
    results,
    check,
    send,
    post: (path, payload, headers = {}) =>
      send(path, {
        method: "POST",
        token: target.sourceToken,
        headers: { "content-type": "application/json", ...headers },
        body: typeof payload === "string" ? payload : JSON.stringify(payload),
      }),
    read: (path) => send(path, { token: reader }),
    administer: (path) => send(path, { token: target.adminToken }),
    change: (path) => send(path, { method: "POST", token: target.adminToken, headers: { "content-type": "application/json" } }),
  };
}
