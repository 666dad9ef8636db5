// A Lua text as it is shipped: without comments and without space that nothing needs, each line where it was.
import { wordsOf } from "./words.ts";

/** A space stays between two words, between a number and a dot, and where the two together would begin a comment or a long text. */
const needSpace = (before: string, after: string): boolean =>
  (/\w$/.test(before) && (/^\w/.test(after) || (/^[\d.]/.test(before) && after.startsWith(".")))) ||
  ["--", "[["].includes(before.slice(-1) + after.slice(0, 1));

/** `numbers`: what stands instead of the word at a place, in characters. */
export function shippedLines(text: string, numbers: ReadonlyMap<number, string> = new Map()): string[] {
  const lines = text.split("\n").map(() => "");
  let last = { word: "", line: 0 };
  for (const { raw, at, line } of wordsOf(text)) {
    const word = numbers.get(at) ?? raw;
    lines[line - 1] += last.line === line && needSpace(last.word, word) ? ` ${word}` : word;
    last = { word, line };
  }
  return lines;
}
