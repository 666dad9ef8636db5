import * as v from "valibot";
import { type Argument, type Redis, serverError } from "./client.ts";

/** Runs commands one after the other on one connection, and resolves with an answer for each. Rejects where Redis did not answer. */
export type Pipeline = (commands: readonly (readonly Argument[])[]) => Promise<unknown>;

/** Not as many replicas as have to have what was written. `effect`: whether the call was made all the same. */
export class TooFewReplicas extends Error {
  override readonly name = "TooFewReplicas";
  readonly effect: "none" | "unknown";

  constructor(effect: "none" | "unknown") {
    super("too few replicas");
    this.effect = effect;
  }
}

/** Whether replicas were last seen to lag. Kept by whoever opens a client for each request. */
export interface ReplicaSight {
  lag: boolean;
}

export interface ReplicaOptions {
  readonly replicas: number;
  /** For a whole call, ms. */
  readonly timeoutMs: number;
  readonly sight: ReplicaSight;
}

/** Of the time for a call. The rest is for the script, and for those who wait before it on the same connection. */
const WAIT_SHARE = 1 / 6;

/** Replicas that keep up have had what was written before for longer than that. */
const LOOK_MS = 50;

const Answer = v.object({ result: v.optional(v.unknown()), error: v.nullish(v.string()) });

/**
 * A Redis whose calls resolve once so many replicas have all that was written up to them (Redis, "WAIT"). Rejects with `TooFewReplicas` where too few say
 * so in a part of the time: what was written stays. From then on nothing is run until they have caught up.
 */
export function waitingForReplicas(pipeline: Pipeline, { replicas, timeoutMs, sight }: ReplicaOptions): Redis {
  /** The answer to `command`, if there is one, once replicas have it. */
  const send = async (waitMs: number, ...command: readonly (readonly Argument[])[]) => {
    const answers = await pipeline([...command, ["WAIT", replicas, Math.floor(waitMs)]]);
    const [first, waited = first] = v.parse(v.pipe(v.array(Answer), v.length(command.length + 1)), answers);
    const error = first?.error ?? waited?.error;
    if (error) throw serverError(error);
    sight.lag = !(Number(waited?.result) >= replicas);
    if (sight.lag) throw new TooFewReplicas(command.length === 0 ? "none" : "unknown");
    return first?.result;
  };
  const run = async (name: string, script: string, keys: string[], args: Argument[]) => {
    if (sight.lag) await send(LOOK_MS);
    return send(timeoutMs * WAIT_SHARE, [name, script, keys.length, ...keys, ...args]);
  };
  return {
    evalsha: (sha, keys, args) => run("EVALSHA", sha, keys, args),
    eval: (script, keys, args) => run("EVAL", script, keys, args),
  };
}
