// A command's script as Redis gets it, put together from the bundle. Sends nothing.
import { COMMANDS, FILES } from "./bundle.ts";

export type CommandName = keyof typeof COMMANDS;

/** A Lua script, and where its lines come from. */
export interface EngineScript {
  readonly text: string;
  /** The source of a line of `text`, from 1, as `file:line`; null where there is none. */
  placeOf(line: number): string | null;
}

/** The script of a command. */
export function engineScript(command: CommandName): EngineScript {
  const lines = linesOf(COMMANDS[command]);
  return {
    text: lines.map(({ text }) => text).join("\n"),
    placeOf: (line) => lines[line - 1]?.place ?? null,
  };
}

const files = Object.entries(FILES);

/** `<file> <first>-<last>,<line>,…;<file> …` → those lines, without empty ones. */
function linesOf(plan: string): { readonly text: string; readonly place: string }[] {
  return plan.split(";").flatMap((part) => {
    const [at, places = ""] = part.split(" ");
    const [file, source] = files[Number(at)] ?? ["", ""];
    const all = source.split("\n").map((text, index) => ({ text, place: `${file}:${index + 1}` }));
    const named = places.split(",").flatMap((range) => {
      const [first = 0, last = first] = range.split("-").map(Number);
      return all.slice(first - 1, last);
    });
    return named.filter(({ text }) => text !== "");
  });
}
