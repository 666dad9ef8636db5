import type { Rule } from "./rules.ts";
import type { SourceFile } from "./source-file.ts";

const linesOf = (text: string): number => text.replace(/\n$/, "").split("\n").length;

/** The most lines of a file under a folder: what a reader takes in at one sitting. */
const linesMax: readonly (readonly [folder: string, lines: number])[] = [
  ["src/", 250],
  ["scripts/", 250],
  ["test/", 400],
];

/** Files stay short. */
export const fileLengths: Rule = (files) =>
  files.flatMap(({ path, text }) => {
    const most = linesMax.find(([folder]) => path.startsWith(folder))?.[1] ?? Number.POSITIVE_INFINITY;
    return linesOf(text) > most ? [`${path}: ${linesOf(text)} lines, at most ${most}`] : [];
  });

/** A function, a class, or a constant that is an arrow function. */
const callable = /^export (?:async )?(?:(?:function\*?|class) (\w+)|const (\w+) = (?:async )?(?:<.*>)?\()/;

function undocumented({ path, text }: SourceFile): string[] {
  const lines = text.split("\n");
  return lines.flatMap((line, index) => {
    const [, declared, assigned] = callable.exec(line) ?? [];
    const name = declared ?? assigned;
    const isOneLine = line.endsWith(";");
    return name && !isOneLine && !lines[index - 1]?.trimEnd().endsWith("*/") ? [`${path}: ${name} is exported without a docstring`] : [];
  });
}

/** Whatever of src can be called says what it guarantees; one-liners may speak for themselves. */
export const docstrings: Rule = (files) => files.filter(({ path }) => path.startsWith("src/")).flatMap(undocumented);
