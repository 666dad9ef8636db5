// A Redis in this process, for one ledger: EVAL and EVALSHA over the commands that the engine uses. It keeps nothing beyond the process.
import { toBinary, toText } from "./bytes.ts";
import { runCommand } from "./commands.ts";
import { type KeyLimit, Keyspace } from "./keyspace.ts";
import type { CompiledScript, LuaState } from "./lua-state.ts";
import { CommandError, type Reply, Status } from "./values.ts";

/** The answer to a command, as a Redis words it. */
export type Answer = { readonly result: unknown } | { readonly error: string };

export interface EmbeddedRedis {
  /** Runs one command; strings are text, sent and read as UTF-8. Commands take effect in the order in which they are sent, but for a first EVAL. */
  execute(command: readonly string[]): Promise<Answer>;
  /** Whether it holds more keys than it may, and none of them is spare. */
  isOver(): boolean;
}

/** Opens one without keys, which shares the process' Lua with others. `nowMs`: its time, Unix ms, which stands still while a script runs; without a `limit` it takes any number of keys. */
export function createEmbeddedRedis(lua: LuaState, nowMs: () => number, limit?: KeyLimit): EmbeddedRedis {
  const keyspace = new Keyspace(limit);
  const scripts = new Map<string, CompiledScript>();
  return {
    isOver() {
      keyspace.at(nowMs());
      return keyspace.isOver();
    },
    async execute([name = "", ...args]) {
      try {
        const known = await scriptOf(lua, scripts, name, args);
        keyspace.at(nowMs());
        return { result: textOf(known ? runScript(keyspace, known, args) : runCommand(keyspace, [name, ...args.map(toBinary)], "call")) };
      } catch (error) {
        if (error instanceof CommandError) return { error: toText(error.message) };
        throw error;
      }
    },
  };
}

interface Known {
  readonly sha: string;
  readonly script: CompiledScript;
}

/** The script that a command runs; null: it runs none. */
async function scriptOf(
  lua: LuaState,
  scripts: Map<string, CompiledScript>,
  name: string,
  [first = ""]: readonly string[],
): Promise<Known | null> {
  const word = name.toUpperCase();
  if (word === "EVALSHA") {
    const sha = first.toLowerCase();
    const script = scripts.get(sha);
    if (!script) throw new CommandError("NOSCRIPT No matching script. Please use EVAL.");
    return { sha, script };
  }
  if (word !== "EVAL") return null;
  const sha = await sha1Hex(first);
  const script = scripts.get(sha) ?? lua.compile(toBinary(first));
  scripts.set(sha, script);
  return { sha, script };
}

function runScript(keyspace: Keyspace, { sha, script }: Known, [, keyCount = "", ...rest]: readonly string[]): Reply {
  const count = Number(keyCount);
  if (!Number.isInteger(count) || count < 0 || count > rest.length)
    throw new CommandError("ERR Number of keys can't be greater than number of args");
  const binaries = rest.map(toBinary);
  const reply = script(sha, binaries.slice(0, count), binaries.slice(count), (command) => runCommand(keyspace, command, "script"));
  if (reply instanceof CommandError) throw reply;
  return reply;
}

/** Inside of an array an error is told as its text, as over the bridge. */
function textOf(reply: Reply): unknown {
  if (typeof reply === "string") return toText(reply);
  if (reply instanceof Status) return toText(reply.text);
  if (reply instanceof CommandError) return toText(reply.message);
  return Array.isArray(reply) ? reply.map(textOf) : reply;
}

/** Of every script that was run, which are as few as the process' Lua keeps. */
const shas = new Map<string, string>();

async function sha1Hex(script: string): Promise<string> {
  const known = shas.get(script);
  if (known !== undefined) return known;
  const digest = await crypto.subtle.digest("SHA-1", new TextEncoder().encode(script));
  const sha = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
  shas.set(script, sha);
  return sha;
}
