import { Failure } from "../../domain/failure.ts";
import { redisTrouble } from "../../domain/redis-trouble.ts";
import { isServerError } from "./client.ts";
import { TooFewReplicas } from "./replicas.ts";

/** Words with which a Redis says that it cannot serve now; the same call may work later. */
const UNAVAILABLE = new Set([
  ...["LOADING", "READONLY", "MASTERDOWN", "MISCONF", "NOREPLICAS", "OOM", "BUSY", "TRYAGAIN", "CLUSTERDOWN", "UNBLOCKED"],
  "UNAVAILABLE", // the bridge's own: its Redis did not answer
]);

/** Words with which a command is turned away before it runs. */
const NOT_RUN = new Set([
  "LOADING",
  "READONLY",
  "MASTERDOWN",
  "MISCONF",
  "NOREPLICAS",
  "OOM",
  "BUSY",
  "CLUSTERDOWN",
  "WRONGPASS",
  "NOAUTH",
  "NOPERM",
]);

/** Error codes of a connection that never came to be, in Node and Deno and in Bun's words. */
const NOT_CONNECTED = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ConnectionRefused",
  "FailedToOpenSocket",
]);

const QUOTA = /\bmax (daily |monthly )?requests? limit\b/;

/** The word that a Redis error begins with, such as NOSCRIPT; null where the error did not come from the server or begins with none. */
export function redisErrorWord(error: unknown): string | null {
  return isServerError(error) ? (/^[A-Z]{2,}(?=[\s,]|$)/.exec(serverText(error))?.[0] ?? null) : null;
}

/** Where a line of the script that Redis ran comes from, as `file:line`; null: that is not known. */
export type PlaceOf = (line: number) => string | null;

/**
 * What a rejected Redis call means. Of the error it keeps the word, the place in the script or the connection's code: its text may hold the whole
 * command.
 */
export function toFailure(error: unknown, placeOf: PlaceOf = () => null): Failure {
  if (error instanceof TooFewReplicas) return new Failure("ledger-unreplicated", "too few replicas of Redis keep up", error.effect);
  if (!isServerError(error)) return notAnswered(error);
  const word = redisErrorWord(error);
  const text = serverText(error);
  if (QUOTA.test(text)) return new Failure("ledger-unavailable", "Redis request quota used up", "none");
  // Without a word it was not Redis that answered, but something on the way to it.
  if (word === null) return new Failure("ledger-unavailable", "Redis answered an error without a code", "unknown");
  const inScript = /script/i.test(text);
  const trouble = redisTrouble(text);
  const message = `Redis answered ${word}${trouble ? `: ${trouble}` : ""}${placeIn(text, placeOf)}`;
  // Lua does not roll back: what a script wrote before its error stays.
  const effect = NOT_RUN.has(word) && !inScript ? "none" : "unknown";
  return new Failure(UNAVAILABLE.has(word) ? "ledger-unavailable" : "ledger-refused", message, effect, { trouble });
}

function placeIn(text: string, placeOf: PlaceOf): string {
  const line = /user_script:(\d{1,6})\b/.exec(text)?.[1];
  return line ? ` at ${placeOf(Number(line)) ?? `script line ${line}`}` : "";
}

function notAnswered(error: unknown): Failure {
  const name = error instanceof Error ? error.name : "Error";
  if (name === "TimeoutError" || name === "AbortError") return new Failure("ledger-unavailable", "Redis did not answer in time", "unknown");
  const code = connectionCode(error);
  if (code && NOT_CONNECTED.has(code)) return new Failure("ledger-unavailable", `Redis cannot be reached: ${code}`, "none");
  return new Failure("ledger-unavailable", `Redis did not answer: ${code ?? name}`, "unknown");
}

function connectionCode(error: unknown): string | null {
  for (const holder of [error, (error as { cause?: unknown } | null)?.cause]) {
    const code = (holder as { code?: unknown } | null | undefined)?.code;
    if (typeof code === "string" && /^\w{1,64}$/.test(code)) return code;
  }
  return null;
}

/** The server's own text, without what the client puts around it. */
const serverText = (error: Error): string =>
  (error.message.replace(/^Command failed: /, "").split(", command was: ")[0] as string).replace(/^-/, "");
