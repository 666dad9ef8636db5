import { createHash } from "node:crypto";
import { shippedLines } from "../../scripts/engine/shipped.ts";
import type { Redis } from "../../src/adapters/redis/client.ts";
import { COMMANDS } from "../../src/ledger/engine/bundle.ts";
import { type CommandName, engineScript } from "../../src/ledger/engine/script.ts";

/** A piece of the engine's Lua, and what stands there instead. */
export type LuaEdit = readonly [text: string, instead: string];

const asShipped = (text: string): string => shippedLines(text).join("\n");

const texts = (Object.keys(COMMANDS) as CommandName[]).map((command) => engineScript(command).text);

/** How often the text is in the command that has it most often; 0: the engine does not have it. */
export const occurrences = (text: string): number => Math.max(...texts.map((script) => script.split(asShipped(text)).length - 1));

/** What comes instead of each script. */
export type LuaChange = readonly LuaEdit[] | ((script: string) => string);

/** The same Redis, to which scripts come changed. */
export function withBrokenEngine(redis: Redis, change: LuaChange): Redis {
  const broken = typeof change === "function" ? change : (script: string) => edited(script, change);
  const changed = new Map<string, string>();
  return {
    evalsha: (sha, keys, args) => redis.evalsha(changed.get(sha) ?? sha, keys, args),
    eval(script, keys, args) {
      const instead = broken(script);
      changed.set(sha1(script), sha1(instead));
      return redis.eval(instead, keys, args);
    },
  };
}

const edited = (script: string, edits: readonly LuaEdit[]): string =>
  edits.reduce((text, [from, instead]) => text.replace(asShipped(from), () => ` ${instead} `), script);

const sha1 = (text: string): string => createHash("sha1").update(text).digest("hex");
