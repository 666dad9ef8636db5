import { Hono } from "hono";
import { keptAnswer } from "./domain/kept-answer.ts";
import { answerScrape } from "./http/answer-scrape.ts";
import { problem } from "./http/problem.ts";
import { operationsRoute } from "./http/routes/operations.ts";
import type { ProxyMetrics } from "./metrics/proxy-metrics.ts";
import type { Clock } from "./ports/clock.ts";
import type { Log } from "./ports/log.ts";
import type { RemediationWriter } from "./ports/remediation-writer.ts";
import { OPERATIONS_PATH } from "./protocol/operations.ts";
import { createVerifier, type VerifyKeys } from "./protocol/token.ts";
import { createUsedTokens } from "./protocol/used-tokens.ts";

export interface ProxyOptions {
  /** Audience that tokens must name. */
  readonly cluster: string;
  readonly verifyKeys: VerifyKeys;
  readonly writer: RemediationWriter;
  /** Null: the installed definition keeps what is written; else why not, in a word. */
  checkInstalled(): Promise<string | null>;
  readonly metrics: ProxyMetrics;
  /** SHA-256 of the tokens that may read them. */
  readonly readTokenSha256: readonly string[];
  readonly clock: Clock;
  readonly log: Log;
}

/** The one way into a cluster: performs the operations that a gateway has signed. */
export function createProxy(options: ProxyOptions): { fetch(request: Request): Promise<Response> } {
  const { cluster, verifyKeys, writer, metrics, readTokenSha256, clock, log } = options;
  const verify = createVerifier(cluster, verifyKeys, clock);
  const isReady = createReadiness(options);
  const app = new Hono()
    .route(OPERATIONS_PATH, operationsRoute({ writer, verify, usedTokens: createUsedTokens(clock), metrics, log }))
    .all("/metrics", (c) => answerScrape(c.req.raw, readTokenSha256, async () => metrics.text()))
    .get("/health", (c) => c.json({ status: "ok" }))
    .get("/ready", async (c) => ((await isReady()) ? c.json({ status: "ready" }) : problem(503, "not-ready", "The proxy cannot work now.")))
    .notFound(() => problem(404, "not-found", "There is nothing here."))
    .onError((error) => {
      log.error("request-failed", { error: error.name });
      return problem(500, "internal", "The proxy failed.");
    });
  return { fetch: async (request) => app.fetch(request) };
}

/** Says why it is not ready in the log only, once per reason: the route is open to everybody. */
function createReadiness({ checkInstalled, clock, log }: ProxyOptions): () => Promise<boolean> {
  let told: string | null = null;
  return keptAnswer(async () => {
    const reason = await checkInstalled();
    if (reason !== told && reason !== null) log.warn("proxy-not-ready", { reason });
    told = reason;
    return reason === null;
  }, clock.now);
}
