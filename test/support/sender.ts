import type { Installation } from "./installation.ts";
import { READ_TOKEN } from "./installation.ts";
import type { Part } from "./part.ts";

/** One result of an answer, as OpenAPI describes it. */
export interface AlertResult {
  readonly fingerprint: string;
  readonly outcome: string;
  readonly remediationRequest: { readonly namespace: string; readonly name: string } | null;
  readonly occurrenceCount: number;
  readonly reason: string;
  readonly rung: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Of the first alert; undefined where the answer holds no results. */
  readonly result: AlertResult | undefined;
  readonly body: unknown;
  readonly tookMs: number;
}

export interface AlertLabels {
  readonly namespace: string;
  readonly alertname?: string;
  readonly pod?: string;
  readonly [label: string]: string | undefined;
}

/** An alert as Alertmanager sends it, of the same instance and start for the same labels. */
export const alertOf = (labels: AlertLabels, status: "firing" | "resolved" = "firing") => ({
  status,
  labels: { alertname: "KubePodCrashLooping", pod: "checkout-1", severity: "critical", ...labels },
  annotations: { summary: "Pod is crash looping." },
  startsAt: "2026-01-15T09:30:00Z",
  endsAt: status === "firing" ? "0001-01-01T00:00:00Z" : "2026-01-15T09:40:00Z",
  generatorURL: "http://prometheus.example.com/graph",
});

/** A webhook without a groupKey, so that each POST of it is a delivery of its own. */
export const webhookOf = (...alerts: readonly object[]) => ({ version: "4", receiver: "test", status: "firing", alerts });

/** Sends a webhook as the installation's source; any status is an answer. */
export async function post(
  { gateway, sourceToken }: Pick<Installation, "sourceToken"> & { readonly gateway: Pick<Part, "url"> },
  webhook: object,
): Promise<Answer> {
  const sentMs = performance.now();
  const response = await fetch(new URL("/api/v1/signals/prometheus", gateway.url), {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${sourceToken}` },
    body: JSON.stringify(webhook),
  });
  const body: unknown = await response.json();
  const { results } = body as { results?: readonly AlertResult[] };
  return { status: response.status, headers: response.headers, result: results?.[0], body, tookMs: performance.now() - sentMs };
}

/** Sends one firing alert. */
export const fire = (to: Parameters<typeof post>[0], labels: AlertLabels): Promise<Answer> => post(to, webhookOf(alertOf(labels)));

/** What a gateway counted, by metric: all series of one added up. */
export async function counters({ url }: Pick<Part, "url">): Promise<Record<string, number>> {
  const response = await fetch(new URL("/metrics", url), { headers: { authorization: `Bearer ${READ_TOKEN}` } });
  const lines = (await response.text()).matchAll(/^(\w+)\{[^}]*\} (\d+)$/gm);
  const counted: Record<string, number> = {};
  for (const [, name = "", value] of lines) counted[name] = (counted[name] ?? 0) + Number(value);
  return counted;
}
