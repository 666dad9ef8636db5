// The commands that the engine's scripts use, as Redis 7 runs them. Other commands do not exist here.
import { hashCommands } from "./hash-commands.ts";
import type { Keyspace } from "./keyspace.ts";
import { sortedSetCommands } from "./sorted-set-commands.ts";
import { CommandError, integerOf, type Reply, Status } from "./values.ts";

/** Runs a command over its arguments, its name left out. Throws `CommandError`. */
export type Run = (keyspace: Keyspace, args: readonly string[]) => Reply;

export interface Command {
  /** Fewest arguments, its name not counted. */
  readonly least: number;
  /** Most of them; null: any number. */
  readonly most: number | null;
  readonly run: Run;
}

const keyCommands: Readonly<Record<string, Command>> = {
  DEL: { least: 1, most: null, run: (keyspace, keys) => keys.filter((key) => keyspace.delete(key)).length },
  EXISTS: { least: 1, most: null, run: (keyspace, keys) => keys.filter((key) => keyspace.has(key)).length },
  GET: { least: 1, most: 1, run: (keyspace, [key = ""]) => keyspace.text(key) },
  SET: {
    least: 2,
    most: 2,
    run(keyspace, [key = "", value = ""]) {
      keyspace.delete(key);
      keyspace.keep(key, value);
      return new Status("OK");
    },
  },
  PERSIST: {
    least: 1,
    most: 1,
    run(keyspace, [key = ""]) {
      if (!keyspace.has(key) || keyspace.expiry(key) === null) return 0;
      keyspace.expire(key, null);
      return 1;
    },
  },
  PEXPIRE: {
    least: 2,
    most: 2,
    run(keyspace, [key = "", lifeMs = ""]) {
      const atMs = keyspace.nowMs + integerOf(lifeMs);
      if (!keyspace.has(key)) return 0;
      keyspace.expire(key, atMs);
      return 1;
    },
  },
  PTTL: {
    least: 1,
    most: 1,
    run(keyspace, [key = ""]) {
      if (!keyspace.has(key)) return -2;
      const expiry = keyspace.expiry(key);
      return expiry === null ? -1 : expiry - keyspace.nowMs;
    },
  },
  TIME: {
    least: 0,
    most: 0,
    run: ({ nowMs }) => [String(Math.floor(nowMs / 1_000)), String((nowMs % 1_000) * 1_000)],
  },
};

const commandsByName: Readonly<Record<string, Command>> = { ...keyCommands, ...hashCommands, ...sortedSetCommands };

/** Runs a command. `within`: who calls it, because Redis words its refusals differently in scripts. Throws `CommandError`. */
export function runCommand(keyspace: Keyspace, [name = "", ...args]: readonly string[], within: "script" | "call"): Reply {
  const command = commandsByName[name.toUpperCase()];
  if (!command) throw new CommandError(within === "script" ? "ERR Unknown Redis command called from script" : "ERR unknown command");
  if (args.length < command.least || args.length > (command.most ?? args.length))
    throw new CommandError(
      within === "script" ? "ERR Wrong number of args calling Redis command from script" : "ERR wrong number of arguments",
    );
  return command.run(keyspace, args);
}
