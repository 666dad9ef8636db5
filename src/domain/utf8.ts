const encoder = new TextEncoder();

/** Bytes that the text takes in UTF-8. */
export const utf8Length = (text: string): number => encoder.encode(text).length;

/** The longest beginning of the text that takes at most `bytesMax` bytes in UTF-8; no character is split. */
export function cutUtf8(text: string, bytesMax: number): string {
  // A UTF-16 unit takes at most three bytes, so most texts need no second look.
  if (text.length * 3 <= bytesMax) return text;
  return text.slice(0, encoder.encodeInto(text, new Uint8Array(bytesMax)).read);
}
