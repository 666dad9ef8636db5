import * as v from "valibot";
import { type Argument, type Redis, serverError } from "./client.ts";

/** Runs commands one after the other on one connection, and resolves with an answer for each. Rejects where Redis did not answer. */
export type Pipeline = (commands: readonly (readonly Argument[])[]) => Promise<unknown>;

/** A call did its work, and not as many replicas have it as have to. */
export class TooFewReplicas extends Error {
  override readonly name = "TooFewReplicas";
}

/** Of the time for a call. The rest is for the script, and for those who wait before it on the same connection. */
const WAIT_SHARE = 1 / 3;

const Answer = v.object({ result: v.optional(v.unknown()), error: v.nullish(v.string()) });
const Answers = v.tuple([Answer, Answer]);

/**
 * A Redis whose calls resolve once so many replicas have all that was written up to them (Redis, "WAIT"). Rejects with `TooFewReplicas` where too few say
 * so in a part of `timeoutMs`: what was written stays, and the same call may be made again.
 */
export function waitingForReplicas(pipeline: Pipeline, { replicas, timeoutMs }: { replicas: number; timeoutMs: number }): Redis {
  const wait = ["WAIT", replicas, Math.floor(timeoutMs * WAIT_SHARE)];
  const run = async (name: string, script: string, keys: string[], args: Argument[]) => {
    const [answer, waited] = v.parse(Answers, await pipeline([[name, script, keys.length, ...keys, ...args], wait]));
    const error = answer.error ?? waited.error;
    if (error) throw serverError(error);
    if (!(Number(waited.result) >= replicas)) throw new TooFewReplicas();
    return answer.result;
  };
  return {
    evalsha: (sha, keys, args) => run("EVALSHA", sha, keys, args),
    eval: (script, keys, args) => run("EVAL", script, keys, args),
  };
}
