import { nodesOf, statementsOf } from "../../scripts/engine/source.ts";
import type { LuaState } from "../../src/ledger/embedded/lua-state.ts";
import { COMMANDS } from "../../src/ledger/engine/bundle.ts";
import { type CommandName, engineScript } from "../../src/ledger/engine/script.ts";

/** A key that no ledger has. By reading it a function of the engine tells that it was called. */
const MARK = "reached";

interface Marked {
  /** The script, in which each function first tells where it stands. */
  readonly text: string;
  /** Where its functions stand, as `file:line name`. */
  readonly functions: readonly string[];
}

function marked(command: CommandName): Marked {
  const { text, placeOf } = engineScript(command);
  const functions: string[] = [];
  const marks = [...nodesOf(statementsOf(command, text))]
    .filter(({ type }) => type === "FunctionDeclaration")
    .map((node) => {
      const [first] = node.body as { range: [number, number] }[];
      const name = (node.identifier as { name?: string } | null)?.name ?? "without a name";
      const place = `${placeOf(node.loc.start.line)} ${name}`;
      functions.push(place);
      return { at: first?.range[0] ?? 0, mark: `mark('HGET','${MARK}','${place}') ` };
    })
    .toSorted((one, other) => other.at - one.at);
  const body = marks.reduce((script, { at, mark }) => script.slice(0, at) + mark + script.slice(at), text);
  return { text: `local mark=redis.call ${body}`, functions };
}

const scripts = new Map((Object.keys(COMMANDS) as CommandName[]).map((command) => [engineScript(command).text, marked(command)]));

/** Every function of the engine's Lua that some command is shipped with, as `file:line name`. */
export const engineFunctions: ReadonlySet<string> = new Set([...scripts.values()].flatMap(({ functions }) => functions));

/** The same Lua, which adds to `reached` each function of the engine that a script calls. */
export const noting = (lua: LuaState, reached: Set<string>): LuaState => ({
  compile(script) {
    const run = lua.compile(scripts.get(script)?.text ?? script);
    return (sha, keys, args, call) =>
      run(sha, keys, args, (command) => {
        if (command[1] !== MARK) return call(command);
        reached.add(command[2] ?? "");
        return null;
      });
  },
});
