// A command's script as Redis gets it, put together from the bundle. Sends nothing.
import { COMMANDS, FILES } from "./bundle.ts";

export type CommandName = keyof typeof COMMANDS;

/** A Lua script, and where its lines come from. */
export interface EngineScript {
  readonly text: string;
  /** The source of a line of `text`, from 1, as `file:line`; null where there is none. */
  placeOf(line: number): string | null;
}

interface Run {
  readonly file: string;
  readonly firstLine: number;
  readonly lines: readonly string[];
}

/** The script of a command. */
export function engineScript(command: CommandName): EngineScript {
  const runs = runsOf(COMMANDS[command]);
  return {
    text: runs.flatMap(({ lines }) => lines).join("\n"),
    placeOf(line) {
      let before = 0;
      for (const { file, firstLine, lines } of runs) {
        if (line > before && line <= before + lines.length) return `${file}:${firstLine + line - before - 1}`;
        before += lines.length;
      }
      return null;
    },
  };
}

/** `<file> <first>-<last>,<line>,…; <file> …` → the lines themselves. */
function runsOf(plan: string): Run[] {
  return plan.split("; ").flatMap((part) => {
    const [file = "", places = ""] = part.split(" ");
    const text = FILES[file as keyof typeof FILES].split("\n");
    return places.split(",").map((place): Run => {
      const [firstLine = 0, lastLine = firstLine] = place.split("-").map(Number);
      return { file, firstLine, lines: text.slice(firstLine - 1, lastLine) };
    });
  });
}
