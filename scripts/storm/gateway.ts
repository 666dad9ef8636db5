import * as z from "zod";
import { jsonOf, problemOf, reasonOf, sayProblem } from "../answer.ts";
import { WITHOUT_REQUEST } from "./track.ts";
import type { Webhook } from "./webhooks.ts";

/** What a gateway answered about one alert; of an ingest answer's results, what a drill needs. */
export interface Answered {
  readonly fingerprint: string;
  readonly outcome: string;
  /** `namespace/name`; null: none yet, or none at all. */
  readonly request: string | null;
}

/** What a receipt tells of an alert that had no request when it was answered. */
export interface Traced {
  /** `namespace/name`; null: none yet, or none at all. */
  readonly request: string | null;
  /** By which outcome it was settled without a request; null: it was not. */
  readonly without: string | null;
}

/** It did not work now, and may the next time; `trouble` says in a few words what was wrong. */
export interface Again {
  readonly trouble: string;
}

/** A gateway will not do what was asked, however often it is asked. The message is for people. */
export class Refused extends Error {}

/** Longest wait for one answer: a gateway gives its own within 10 s. */
const ANSWERED_MS = 15_000;

const Request = z.nullable(z.object({ namespace: z.string(), name: z.string() }));
const Ingested = z.object({
  results: z.array(z.object({ fingerprint: z.string().regex(/^[0-9a-f]{64}$/), outcome: z.string(), remediationRequest: Request })),
});
const Receipt = z.object({ state: z.string(), remediationRequest: Request, steps: z.array(z.object({ event: z.string() })) });

/** The gateway at `url`. `token`: of a source; empty where the gateway asks for none. */
export function gatewayAt(url: URL, token: string, send: (url: URL, init: RequestInit) => Promise<Response> = fetch) {
  const authorization = token === "" ? {} : { authorization: `Bearer ${token}` };
  const ask = async (path: string, body?: object): Promise<{ status: number; text: string } | Again> => {
    const sent = body ? { method: "POST", body: JSON.stringify(body) } : {};
    const headers = { ...authorization, ...(body && { "content-type": "application/json" }) };
    try {
      // A gateway never redirects these; who follows would send the alerts elsewhere, or nothing at all.
      const init = { ...sent, headers, redirect: "manual", signal: AbortSignal.timeout(ANSWERED_MS) } as const;
      const response = await send(new URL(path, url), init);
      return { status: response.status, text: await response.text() };
    } catch (error) {
      return { trouble: `no answer from ${url.host}: ${reasonOf(error, ANSWERED_MS)}` };
    }
  };
  return {
    /** Sends one webhook; the answers in the order of its alerts. Throws `Refused`. */
    async deliver(webhook: Webhook): Promise<readonly Answered[] | Again> {
      const answer = await ask("/api/v1/signals/prometheus", webhook);
      if ("trouble" in answer) return answer;
      if (isPassing(answer.status)) return { trouble: sayProblem(answer.status, answer.text) };
      if (!isGood(answer.status)) {
        const hint = answer.status === 401 ? " (the token is read from SOURCE_TOKEN)" : "";
        throw new Refused(`the gateway refused the alerts: ${sayProblem(answer.status, answer.text)}${hint}`);
      }
      const parsed = Ingested.safeParse(jsonOf(answer.text));
      if (!parsed.success || parsed.data.results.length !== webhook.alerts.length)
        throw new Refused(`what answers at ${url.host} is no Breakwater gateway: ${answer.status} without a result for each alert`);
      return parsed.data.results.map(({ remediationRequest, ...result }) => ({ ...result, request: nameOf(remediationRequest) }));
    },
    /** Reads an alert's receipt. Throws `Refused`. */
    async look(fingerprint: string): Promise<Traced | Again> {
      const answer = await ask(`/api/v1/receipts?fingerprint=${fingerprint}`);
      if ("trouble" in answer) return answer;
      const problem = problemOf(answer.text);
      if (isPassing(answer.status) || problem?.code === "receipt-unknown") return { trouble: sayProblem(answer.status, answer.text) };
      if (!isGood(answer.status)) throw new Refused(`the gateway shows no receipts: ${sayProblem(answer.status, answer.text)}`);
      const parsed = Receipt.safeParse(jsonOf(answer.text));
      if (!parsed.success) throw new Refused(`the gateway shows no receipts: ${answer.status} with something else`);
      const { remediationRequest, steps } = parsed.data;
      const last = steps.at(-1)?.event ?? "";
      return { request: nameOf(remediationRequest), without: remediationRequest === null && WITHOUT_REQUEST.has(last) ? last : null };
    },
  };
}

const isGood = (status: number): boolean => status >= 200 && status < 300;

/** The same may be taken later. */
const isPassing = (status: number): boolean => status >= 500 || status === 429;

const nameOf = (request: z.infer<typeof Request>): string | null => request && `${request.namespace}/${request.name}`;
