import * as v from "valibot";
import { Failure } from "../../domain/failure.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Operation, OperationResult, RemediationWriter } from "../../ports/remediation-writer.ts";
import { answers, OPERATIONS_BODY_BYTES_MAX, OPERATIONS_PATH, OperationsAnswer } from "../../protocol/operations.ts";
import { createSigner, ISSUED_BEFORE_START, type SigningKey } from "../../protocol/token.ts";

export interface ProxyWriterOptions {
  /** Base address of the proxy, from settings only. */
  readonly url: string;
  readonly cluster: string;
  readonly signingKey: SigningKey;
  readonly clock: Clock;
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
}

/** The part of the caller's time that is left for the way there and back, so that the answer comes before the caller gives up. */
const TRAVEL_SHARE = 0.1;

/** A RemediationWriter behind the proxy's protocol. */
export function createProxyWriter({ url, cluster, signingKey, clock, fetch: send = fetch }: ProxyWriterOptions): RemediationWriter {
  const sign = createSigner(cluster, signingKey, clock);
  const address = new URL(OPERATIONS_PATH, url).href;
  const call = async (body: Uint8Array<ArrayBuffer>, token: string, signal: AbortSignal) => {
    const headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
    // A redirect would carry the token elsewhere; workerd knows no "error", so one comes back as an answer that is not ok.
    return send(address, { method: "POST", headers, body, redirect: "manual", signal }).catch(unreachable);
  };
  return {
    async perform(operations, timeoutMs) {
      if (operations.length === 0) return [];
      const deadlineMs = Math.max(1, Math.floor(timeoutMs * (1 - TRAVEL_SHARE)));
      const body = new TextEncoder().encode(JSON.stringify({ operations, deadlineMs }));
      if (body.length > OPERATIONS_BODY_BYTES_MAX) throw overfilled();
      const token = await sign(body);
      const signal = AbortSignal.timeout(timeoutMs);
      let response = await call(body, token, signal);
      if (isOlderThanProxy(response)) {
        await leaveUnread(response);
        response = await call(body, await sign(body), signal);
      }
      if (!response.ok) throw await refusal(response);
      return readResults(operations, await response.text().catch(unreachable));
    },
  };
}

/** The proxy has started since the call was signed, and has done nothing of it. */
const isOlderThanProxy = ({ status, headers }: Response): boolean =>
  status === 401 && headers.get("www-authenticate") === ISSUED_BEFORE_START;

/** A body that is neither read nor cancelled holds its connection. */
async function leaveUnread({ body }: Response): Promise<void> {
  await body?.cancel().catch(() => {});
}

const AnswerText = v.pipe(v.string(), v.parseJson(), OperationsAnswer);

function readResults(operations: readonly Operation[], text: string): readonly OperationResult[] {
  const answer = v.safeParse(AnswerText, text);
  const results = answer.success ? answer.output.results : [];
  if (results.length !== operations.length)
    throw new Failure("writer-reply-invalid", "The proxy's answer does not fit the call", "unknown");
  return results.map((result, at) => (result && answers(operations[at] as Operation, result) ? result : UNREADABLE));
}

/** Of one operation; what was answered about the others holds. */
const UNREADABLE: OperationResult = { kind: "failed", reason: "writer-reply-invalid" };

function unreachable(error: unknown): never {
  const name = error instanceof Error ? error.name : "Error";
  throw new Failure("writer-unavailable", `The proxy did not answer: ${name}`, "unknown");
}

const overfilled = () => new Failure("writer-overfilled", "The call is larger than the proxy takes", "none");

/** 401, 413 and 422 come before anything is done; behind any other code a part may have been. */
async function refusal(response: Response): Promise<Failure> {
  await leaveUnread(response);
  const { status } = response;
  if (status === 401) return new Failure("writer-unauthorized", "The proxy does not accept this gateway's tokens", "none");
  if (status === 413) return overfilled();
  if (status === 422) return new Failure("writer-refused", "The proxy cannot read the call", "none");
  return new Failure("writer-unavailable", `The proxy answered ${status}`, "unknown");
}
