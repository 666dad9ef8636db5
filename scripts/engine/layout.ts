// How the engine's Lua is laid out: indentation by depth, short lines, one kind of quotes. What it means does not matter here.
import { STRING_WORD, type Word, wordsOf } from "./words.ts";

const WIDTH_MAX = 140;
const FUNCTION_LINES_MAX = 60;
const INDENT = 2;

const OPENING = new Set(["function", "then", "do", "repeat", "else", "(", "{", "["]);
const CLOSING = new Set(["end", "until", "else", "elseif", ")", "}", "]"]);

/** What is wrong with a file's layout, with file and line. */
export function layoutProblems(path: string, text: string): string[] {
  const lines = text.split("\n");
  const expected = indentations(text, lines.length);
  const at = (index: number, problem: string) => `${path}:${index + 1}: ${problem}`;
  return [
    ...lines.flatMap((line, index) => [
      ...(line.length > WIDTH_MAX ? [at(index, `${line.length} characters, at most ${WIDTH_MAX}`)] : []),
      ...(/\s$|\t/.test(line) ? [at(index, "a tab, or a space at the end")] : []),
      ...(line === "" && lines[index + 1] === "" ? [at(index, "two empty lines")] : []),
      ...(isIndented(line, expected[index] ?? 0) ? [] : [at(index, `not ${expected[index]} spaces before it`)]),
    ]),
    ...wordsOf(text).flatMap(({ type, line, raw }) =>
      type === STRING_WORD && raw.startsWith('"') ? [at(line - 1, "quotes are single")] : [],
    ),
    ...(text.endsWith("\n") && !text.endsWith("\n\n") ? [] : [`${path}: does not end with one line feed`]),
    ...functionLengths(text).flatMap(({ line, length }) =>
      length > FUNCTION_LINES_MAX ? [at(line - 1, `a function of ${length} lines, at most ${FUNCTION_LINES_MAX}`)] : [],
    ),
  ];
}

/** The indentation of each line. Brackets and blocks that open on one line indent its content by one step together, as `({` does. */
function indentations(text: string, lines: number): number[] {
  const stack: number[] = []; // the line on which each open bracket or block began
  const depth: number[] = Array.from({ length: lines }, () => 0);
  const words = wordsOf(text);
  let next = 0;
  for (let line = 1; line <= lines; line++) {
    let begins = new Set(stack).size;
    let isFirst = true;
    for (; next < words.length && words[next]?.line === line; next++) {
      const { type, value } = words[next] as Word;
      if (type === STRING_WORD) {
        isFirst = false;
        continue;
      }
      if (CLOSING.has(value)) {
        stack.pop();
        if (isFirst) begins = new Set(stack).size;
      } else isFirst = false;
      if (OPENING.has(value)) stack.push(line);
    }
    depth[line - 1] = begins * INDENT;
  }
  return depth;
}

/** A line that goes on with the statement before it stands deeper than that; so may a comment there. */
function isIndented(line: string, expected: number): boolean {
  if (line === "") return true;
  const spaces = line.search(/\S/);
  return spaces === expected || (spaces === expected + INDENT && /^\s*(and|or|\.\.|else |table\.|\{|string\.|')/.test(line));
}

function functionLengths(text: string): { line: number; length: number }[] {
  const open: { word: string; line: number }[] = [];
  return wordsOf(text).flatMap(({ type, value, line }) => {
    if (type === STRING_WORD) return [];
    if (["function", "if", "do", "repeat"].includes(value)) open.push({ word: value, line });
    if (value !== "end" && value !== "until") return [];
    const opened = open.pop();
    return opened?.word === "function" ? [{ line: opened.line, length: line - opened.line + 1 }] : [];
  });
}
