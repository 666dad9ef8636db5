import { isAllowedInScript } from "./allowed-commands.ts";

/** Tokens of Lua 5.1, as far as they tell names from strings and comments. What Lua itself refuses may come out as anything. */
const TOKENS =
  /--\[(=*)\[[\s\S]*?\]\1\]|--[^\r\n]*|\[(=*)\[[\s\S]*?\]\2\]|"(?:\\[\s\S]|[^"\\\r\n])*"|'(?:\\[\s\S]|[^'\\\r\n])*'|[A-Za-z_]\w*|\d[\w.]*|\S/g;

/** Ways to what a name stands for that do not write the name. */
const AROUND = new Set("_G _ENV getfenv setfenv load loadstring loadfile dofile require module package debug".split(" "));

/** Of `redis`, beside `call` and `pcall`. They only make values. */
const MAKES_A_VALUE = new Set(["error_reply", "status_reply", "sha1hex", "setresp"]);

/**
 * Whether a script reaches Redis only by `redis.call("NAME", …)` or `pcall(redis.call, "NAME", …)`, each name written out and allowed. Nothing can be told
 * of a script that hands `redis` on, or puts something of its own in the place of `pcall`, so these are not.
 */
export function callsOnlyAllowed(lua: string): boolean {
  const tokens = [...lua.replace(SHEBANG, "").matchAll(TOKENS)].map(([text]) => text).filter((text) => !text.startsWith("--"));
  return tokens.every((token, at) => {
    if (AROUND.has(token)) return isOwnFunction(tokens, token);
    if (token === "redis") return isAllowedUse(tokens.slice(Math.max(0, at - 2), at), tokens.slice(at + 1, at + 6));
    if (token === "pcall" && tokens[at - 1] !== ".") return tokens[at + 1] === "(" && tokens[at - 1] !== "function";
    return true;
  });
}

/** Whether the name is from its first use on that of a function of the script's own, as `load` is in version 0.1.0. */
function isOwnFunction(tokens: readonly string[], name: string): boolean {
  const at = tokens.indexOf(name);
  if (tokens[at - 1] !== "function" || tokens[at - 2] !== "local") return false;
  const count = (...words: string[]) => tokens.slice(0, at - 2).filter((token) => words.includes(token)).length;
  // Within a block it would end with the block.
  return count("function", "do", "if", "repeat") === count("end", "until");
}

/** The line that names what runs a script. */
export const SHEBANG = /^#![^\n]*\n/;

function isAllowedUse(before: readonly string[], [dot, method = "", open, name = "", after = ""]: readonly string[]): boolean {
  if (dot !== ".") return false;
  if (MAKES_A_VALUE.has(method)) return true;
  const isCalled = open === "(" || (open === "," && before.join("") === "pcall(");
  const namesOne = /^(['"])\w+\1$/.test(name) && (after === "," || after === ")");
  return (method === "call" || method === "pcall") && isCalled && namesOne && isAllowedInScript(name.slice(1, -1));
}
