/** Stands for any part of a text, none included. */
const WILDCARD = "*";

/**
 * Whether a text matches a pattern as a whole, `*` standing for any part of it. Finds each piece once, from left to right, so that no pattern of
 * an operator and no text of a sender can make it slow, as a regular expression could.
 */
export function matchesPattern(pattern: string, text: string): boolean {
  const [first = "", ...others] = pattern.split(WILDCARD);
  const last = others.pop();
  if (last === undefined) return text === first;
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
  const end = text.length - last.length;
  let at = first.length;
  for (const piece of others) {
    const found = text.indexOf(piece, at);
    if (found < 0 || found + piece.length > end) return false;
    at = found + piece.length;
  }
  return true;
}
