import { bodyLimit } from "hono/body-limit";
import { Hono } from "hono/tiny";
import * as v from "valibot";
import { Failure } from "../../domain/failure.ts";
import { traceIdOf } from "../../domain/trace.ts";
import type { ProxyMetrics } from "../../metrics/proxy-metrics.ts";
import type { Log } from "../../ports/log.ts";
import type { Operation, OperationResult, RemediationWriter } from "../../ports/remediation-writer.ts";
import { OPERATIONS_BODY_BYTES_MAX, OperationsCall } from "../../protocol/operations.ts";
import { type Grant, hashBody, ISSUED_BEFORE_START } from "../../protocol/token.ts";
import type { UsedTokens } from "../../protocol/used-tokens.ts";
import { problem } from "../problem.ts";

export interface OperationsParts {
  readonly writer: RemediationWriter;
  verify(token: string): Promise<Grant | null>;
  readonly usedTokens: UsedTokens;
  readonly metrics: ProxyMetrics;
  readonly log: Log;
}

type Variables = { grant: Grant };

const unauthorized = () => problem(401, "unauthorized", "The call needs a valid, unused token for this body.");

const issuedBeforeStart = () =>
  problem(401, "issued-before-start", "The token is older than this process: sign the call anew.", {
    "www-authenticate": ISSUED_BEFORE_START,
  });

/** Performs signed operations. The token is checked before the body is read, the body's hash before anything is done. */
export function operationsRoute({ writer, verify, usedTokens, metrics, log }: OperationsParts): Hono<{ Variables: Variables }> {
  const tooLarge = () => problem(413, "body-too-large", `The body exceeds ${OPERATIONS_BODY_BYTES_MAX} bytes.`);
  return new Hono<{ Variables: Variables }>()
    .use(async (c, next) => {
      const token = /^Bearer ([\w.-]+)$/.exec(c.req.header("authorization") ?? "")?.[1];
      const grant = token ? await verify(token) : null;
      if (!grant) return unauthorized();
      c.set("grant", grant);
      return next();
    })
    .use(bodyLimit({ maxSize: OPERATIONS_BODY_BYTES_MAX, onError: tooLarge }))
    .post("/", async (c) => {
      const body = await c.req.arrayBuffer();
      const grant = c.get("grant");
      if ((await hashBody(new Uint8Array(body))) !== grant.bodySha256) return unauthorized();
      const use = usedTokens.use(grant);
      if (use === "spent") return unauthorized();
      if (use === "before-start") return issuedBeforeStart();
      if (use === "full") return problem(503, "busy", "Too many calls are alive to remember another.", { "retry-after": "5" });
      const call = v.safeParse(OperationsCallText, new TextDecoder().decode(body));
      if (!call.success) return problem(422, "call-invalid", "The body is no list of operations with a deadline.");
      return perform({ writer, metrics, log }, call.output);
    });
}

const OperationsCallText = v.pipe(v.string(), v.parseJson(), OperationsCall);

/** The trace of the webhook that an operation comes from; null: it comes from many, or a gateway of the version before sent it. */
function traceIn(operation: Operation): string | null {
  const { traceparent } = operation.kind === "ensure-storm" ? operation.storm : "draft" in operation ? operation.draft : {};
  return traceparent ? traceIdOf(traceparent) : null;
}

/** Each operation is judged by itself: what cannot be read will never be. */
const UNREADABLE: OperationResult = { kind: "refused", reason: "operation-invalid" };

async function perform(
  { writer, metrics, log }: Pick<OperationsParts, "writer" | "metrics" | "log">,
  { operations, deadlineMs }: OperationsCall,
): Promise<Response> {
  const readable = operations.filter((operation) => operation !== null);
  if (readable.length < operations.length) log.warn("operations-unreadable", { operations: operations.length - readable.length });
  try {
    const results = await writer.perform(readable, deadlineMs);
    readable.forEach((operation, at) => {
      const trace = traceIn(operation);
      const { kind, ...rest } = results[at] as OperationResult;
      metrics.performed(operation.kind, kind);
      if (trace)
        log.info("operation", { trace, operation: operation.kind, result: kind, ...("reason" in rest && { reason: rest.reason }) });
    });
    const left = results.values();
    return Response.json({ results: operations.map((operation) => (operation ? left.next().value : UNREADABLE)) });
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    for (const { kind } of readable) metrics.performed(kind, "failed");
    log.warn("operations-failed", { code: error.code, operations: operations.length });
    return problem(503, error.code, "Kubernetes could not be asked.", { "retry-after": "5" });
  }
}
