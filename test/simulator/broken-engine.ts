import { createHash } from "node:crypto";
import { bundled, readEngine } from "../../scripts/engine-bundle.ts";
import type { Redis } from "../../src/adapters/redis/client.ts";
import { type CommandName, engineScript } from "../../src/ledger/engine/script.ts";

/** A piece of the engine's Lua as it stands in its file, and what stands there instead. */
export type LuaEdit = readonly [text: string, instead: string];

const sources = readEngine();

const occurrences = (text: string): number => [...sources.values()].reduce((sum, source) => sum + source.split(text).length - 1, 0);

/** What comes instead of each script. */
export type LuaChange = (script: string) => string;

/** The scripts of an engine whose Lua is edited. Throws where a piece is not in it, or at several places. */
export function editedEngine(edits: readonly LuaEdit[]): LuaChange {
  const unclear = edits.filter(([text]) => occurrences(text) !== 1);
  if (unclear.length > 0) throw new Error(`not in the engine at one place: ${unclear.map(([text]) => text).join("; ")}`);
  const edited = (source: string) => edits.reduce((text, [from, instead]) => text.replace(from, () => instead), source);
  const { engine, problems } = bundled(new Map([...sources].map(([path, source]) => [path, edited(source)])));
  if (!engine) throw new Error(problems.join("\n"));
  const changed = new Map(engine.commands.map(({ name, text }) => [engineScript(name as CommandName).text, text]));
  return (script) => changed.get(script) ?? script;
}

/** The same Redis, to which scripts come changed. */
export function withBrokenEngine(redis: Redis, change: LuaChange): Redis {
  const changed = new Map<string, string>();
  return {
    evalsha: (sha, keys, args) => redis.evalsha(changed.get(sha) ?? sha, keys, args),
    eval(script, keys, args) {
      const instead = change(script);
      changed.set(sha1(script), sha1(instead));
      return redis.eval(instead, keys, args);
    },
  };
}

const sha1 = (text: string): string => createHash("sha1").update(text).digest("hex");
