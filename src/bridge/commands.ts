/**
 * What a Redis replies: strings as bytes, since not all of them are text; an integer as a bigint where a number would not be exact. An error inside an
 * array stands as its text. What Redis has beside these, such as doubles and maps, it turns into them for who speaks RESP2, as the bridge does.
 */
export type Value = Uint8Array | number | bigint | null | readonly Value[];

/** Redis's own answer to a command. */
export type Answer = { readonly result: Value } | { readonly error: string };

/** A Redis did not answer: whether the command took effect is unknown. */
export class RedisUnanswered extends Error {
  override readonly name = "RedisUnanswered";
}

/** Which connection a command takes: the one of all callers, or one that a WAIT may block. */
export type Line = "shared" | "apart";

/**
 * Connections to a Redis. Both methods throw `RedisUnanswered`, soon when there is no connection, and answer with an error where there is none because of a
 * setting (`unusable`); nothing is ever sent twice.
 */
export interface RedisCommands {
  /** Commands of a line, the shared one unless said, run in the order of the calls. */
  run(command: readonly string[], line?: Line): Promise<Answer>;
  /** Runs all or nothing, with nobody in between. One error for the whole where Redis turned it away. */
  transaction(commands: readonly (readonly string[])[]): Promise<readonly Answer[] | { readonly error: string }>;
}
