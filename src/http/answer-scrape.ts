import { problem, unauthorized } from "./problem.ts";
import { tokenHash } from "./token-hash.ts";

export const METRICS_TYPE = { "content-type": "text/plain; version=0.0.4; charset=utf-8" };

/** What a proxy or a bridge tells of itself, to who brings a token whose SHA-256 is among `readers`; to nobody without one. */
export async function answerScrape(request: Request, readers: readonly string[], text: () => Promise<string>): Promise<Response> {
  if (!["GET", "HEAD"].includes(request.method)) return problem(405, "method-not-allowed", "this path takes GET", { allow: "GET, HEAD" });
  const hash = await tokenHash(request.headers.get("authorization"));
  if (hash === null || !readers.includes(hash)) return unauthorized("send a read token as a bearer token");
  return new Response(await text(), { headers: METRICS_TYPE });
}
