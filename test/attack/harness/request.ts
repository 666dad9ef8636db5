import { alertIn, webhook } from "../../runtime/payloads.ts";
import type { Bytes, Sending } from "./exchange.ts";

export const PROMETHEUS = "/api/v1/signals/prometheus";
export const EVENTS = "/api/v1/signals/kubernetes-event";

/** The name of each alert that nobody may bring in: no object may ever carry it. */
export const TRESPASS = "Trespass";

export interface Told {
  readonly method?: string;
  readonly host?: string | null;
  /** Whole lines, in any form. */
  readonly headers?: readonly string[];
  readonly body?: Bytes;
}

/** One request, written out: nothing is escaped, and a body has its length told unless the headers do so themselves. */
export function written(path: string, { method = "GET", host = "localhost", headers = [], body }: Told = {}): Buffer {
  const tellsLength = headers.some((line) => /^(content-length|transfer-encoding)/i.test(line));
  const length = body === undefined ? 0 : Buffer.byteLength(body);
  const lines = [
    `${method} ${path} HTTP/1.1`,
    ...(host === null ? [] : [`Host: ${host}`]),
    ...headers,
    ...(body === undefined || tellsLength ? [] : [`Content-Length: ${length}`]),
  ];
  return Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`), Buffer.from(body ?? "")]);
}

/** One request of which the first answer is looked at. */
export const ask = (path: string, told: Told = {}): Sending => ({ parts: [written(path, told)], until: "answer" });

export const bearer = (token: string): string => `Authorization: Bearer ${token}`;
export const JSON_TYPE = "Content-Type: application/json";

/** A POST of JSON, or of the text as it stands, with these headers. */
export const postTo = (path: string, payload: unknown, ...headers: readonly string[]): Sending =>
  ask(path, { method: "POST", headers: [JSON_TYPE, ...headers], body: typeof payload === "string" ? payload : JSON.stringify(payload) });

/** A webhook with an alert that its sender may not bring in. */
export const trespass = (namespace = "shop", labels: Readonly<Record<string, string>> = {}) =>
  webhook([alertIn(namespace, { alertname: TRESPASS, ...labels })]);
