import { createHash } from "node:crypto";
import type { Redis } from "../../src/adapters/redis/client.ts";
import { COMMANDS } from "../../src/ledger/engine/bundle.ts";
import { type CommandName, engineScript } from "../../src/ledger/engine/script.ts";

/** A piece of the engine's Lua as it is shipped, and what stands there instead. */
export type LuaEdit = readonly [text: string, instead: string];

const texts = (Object.keys(COMMANDS) as CommandName[]).map((command) => engineScript(command).text);

/** How often the text is in the command that has it most often; 0: the engine does not have it. */
export const occurrences = (text: string): number => Math.max(...texts.map((script) => script.split(text).length - 1));

/** The same Redis, to which scripts come changed. */
export function withBrokenEngine(redis: Redis, edits: readonly LuaEdit[]): Redis {
  const changed = new Map<string, string>();
  return {
    evalsha: (sha, keys, args) => redis.evalsha(changed.get(sha) ?? sha, keys, args),
    eval(script, keys, args) {
      const broken = edits.reduce((text, [from, instead]) => text.replace(from, () => instead), script);
      changed.set(sha1(script), sha1(broken));
      return redis.eval(broken, keys, args);
    },
  };
}

const sha1 = (text: string): string => createHash("sha1").update(text).digest("hex");
