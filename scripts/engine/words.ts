// The words of a Lua text, in order, without comments.
import luaparse, { type Token } from "luaparse";

export interface Word {
  /** One of luaparse's token types. */
  readonly type: number;
  readonly value: string;
  /** As it stands in the text. */
  readonly raw: string;
  /** Where it begins, in characters. */
  readonly at: number;
  /** From 1. */
  readonly line: number;
}

const END = 1;
/** The type of a text in quotes. */
export const STRING_WORD = 2;

export function wordsOf(text: string): Word[] {
  const words: Word[] = [];
  const lexer = luaparse.parse(text, { luaVersion: "5.1", wait: true });
  for (let token: Token = lexer.lex(); token.type !== END; token = lexer.lex()) {
    const { type, value, line, range } = token;
    words.push({ type, value: String(value), raw: text.slice(...range), at: range[0], line });
  }
  return words;
}
