import { answerScrape } from "../http/answer-scrape.ts";
import type { BridgeMetrics } from "../metrics/bridge-metrics.ts";
import type { Log } from "../ports/log.ts";
import { bringsScript, refusedName, waitsForReplicas } from "./allowed-commands.ts";
import { callsOnlyAllowed } from "./allowed-script.ts";
import type { Answer, Line, RedisCommands } from "./commands.ts";
import { countCommands } from "./count-commands.ts";
import { createReadiness } from "./readiness.ts";
import { type Encoding, encodeAnswer } from "./reply.ts";
import { BODY_BYTES_MAX, Command, CommandList, isAuthorized, parseJson, readBody } from "./request.ts";

export interface BridgeOptions {
  readonly commands: RedisCommands;
  /** Each of them opens it: while one replaces another, both do. */
  readonly tokens: readonly string[];
  readonly log: Log;
  readonly metrics: BridgeMetrics;
  /** SHA-256 of the tokens that may read them. */
  readonly readTokenSha256: readonly string[];
  /** Unix ms. */
  readonly now: () => number;
  /** Whether a script is one of this version's own, which may call Redis in any way. */
  readonly isOwnScript: (lua: string) => boolean;
}

/**
 * An ordinary Redis behind Upstash's REST protocol: `POST /` with one command, `/pipeline` and `/multi-exec` with many, `Upstash-Encoding: base64`.
 * It lets through what Breakwater sends, scripts included, and no more. A pipeline may WAIT for replicas.
 * Besides them `/health` and `/ready`, open to all; to who brings a token `/ready` says what is wrong. 503 means that Redis did not answer and the
 * command may have run.
 */
export function createBridge({ commands, tokens, metrics, readTokenSha256, log, now, isOwnScript }: BridgeOptions): {
  fetch(request: Request): Promise<Response>;
} {
  const readiness = createReadiness(commands, log, now);
  const counted = countCommands(commands, metrics);
  /** Null: it may run. */
  const refusal = (command: readonly string[]): Answer | null => {
    const name = refusedName(command);
    if (name !== null) return notAvailable(name);
    const [, lua = ""] = command;
    return bringsScript(command) && !isOwnScript(lua) && !callsOnlyAllowed(lua) ? NO_SUCH_SCRIPT : null;
  };
  const execute = async (command: readonly string[], line: Line): Promise<Answer> => {
    const refused = line === "apart" && waitsForReplicas(command) ? null : refusal(command);
    if (refused) metrics.answered("refused");
    return refused ?? counted.run(command, line);
  };
  const routes: Readonly<Record<string, (body: string, encoding: Encoding) => Promise<Response>>> = {
    "/": async (body, encoding) => {
      const command = parseJson(Command, body);
      return command ? one(await execute(command, "shared"), encoding) : NOT_A_COMMAND();
    },
    "/pipeline": async (body, encoding) => {
      const list = parseJson(CommandList, body);
      if (!list) return NOT_A_LIST();
      const line = list.some(waitsForReplicas) ? "apart" : "shared";
      return many(await Promise.all(list.map((command) => execute(command, line))), encoding);
    },
    "/multi-exec": async (body, encoding) => {
      const list = parseJson(CommandList, body);
      if (!list) return NOT_A_LIST();
      const refused = list.map(refusal).find((answer) => answer !== null);
      if (refused) {
        metrics.answered("refused");
        return one(refused, encoding);
      }
      const answers = await counted.transaction(list);
      return "error" in answers ? one(answers, encoding) : many(answers, encoding);
    },
  };
  return {
    async fetch(request) {
      const { pathname } = new URL(request.url);
      if (pathname === "/health") return Response.json({ healthy: true });
      if (pathname === "/ready") {
        const { trouble, unknown } = await readiness();
        const ready = trouble === null;
        const told = (await isAuthorized(request, tokens)) ? { ready, trouble, unknown } : { ready };
        return Response.json(told, { status: ready ? 200 : 503 });
      }
      if (pathname === "/metrics") return answerScrape(request, readTokenSha256, async () => metrics.text((await readiness()).sight));
      if (!(await isAuthorized(request, tokens))) return failure(401, "WRONGPASS invalid or missing auth token");
      const route = Object.hasOwn(routes, pathname) ? routes[pathname] : undefined;
      if (!route) return failure(404, "ERR no such path: POST to /, /pipeline or /multi-exec");
      if (request.method !== "POST") return failure(405, "ERR method not allowed: POST only", { allow: "POST" });
      const body = await readBody(request);
      // What was left unread would stand before the connection's next request.
      if (body === null) return failure(413, `ERR max request size exceeded. Limit: ${BODY_BYTES_MAX} bytes`, { connection: "close" });
      const encoding = request.headers.get("upstash-encoding")?.toLowerCase() === "base64" ? "base64" : "text";
      return route(body, encoding).catch((error: unknown) => {
        log.warn("bridge-unanswered", { error: error instanceof Error ? error.name : "Error" });
        return failure(503, "UNAVAILABLE Redis did not answer");
      });
    },
  };
}

const json = (body: string, status: number) => new Response(body, { status, headers: { "content-type": "application/json" } });
const one = (answer: Answer, encoding: Encoding) => json(encodeAnswer(answer, encoding), "error" in answer ? 400 : 200);
const many = (answers: readonly Answer[], encoding: Encoding) =>
  json(`[${answers.map((answer) => encodeAnswer(answer, encoding)).join()}]`, 200);
const failure = (status: number, error: string, headers: HeadersInit = {}) => Response.json({ error }, { status, headers });
/** What is no name may be anything, of any length, and is not quoted. */
const notAvailable = (name: string): Answer => ({
  error: `ERR Command is not available${/^[A-Z]{1,32}$/.test(name) ? `: '${name}'` : ""}`,
});
const NO_SUCH_SCRIPT: Answer = {
  error: "ERR Script is not available: it may call Redis only by names written out, and only those the bridge takes",
};
const NOT_A_COMMAND = () => failure(400, 'ERR failed to parse command: expected ["NAME", "argument", …]');
const NOT_A_LIST = () => failure(400, 'ERR failed to parse commands: expected [["NAME", "argument", …], …]');
