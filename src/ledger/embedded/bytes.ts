// Strings as Redis and Lua have them: bytes. Here a binary string has one character, U+0000 to U+00FF, for each byte, so that it compares as bytes do.

const ASCII = /^[\0-\x7f]*$/;
const SLICE = 8_192; // a call takes a limited number of arguments
const SHORT = 64; // up to this length, one character at a time is quicker
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Text → its UTF-8 bytes as a binary string. Half a character becomes U+FFFD, as on its way to a Redis. */
export const toBinary = (text: string): string => (ASCII.test(text) ? text : binaryOf(encoder.encode(text)));

/** A binary string → the text that its bytes are as UTF-8. What is no UTF-8 becomes U+FFFD, as on its way from a Redis. */
export function toText(binary: string): string {
  if (ASCII.test(binary)) return binary;
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at++) bytes[at] = binary.charCodeAt(at);
  return decoder.decode(bytes);
}

/** The bytes from one place up to another, which is left out, as a binary string. */
export function binaryOf(bytes: Uint8Array, from = 0, to: number = bytes.length): string {
  let binary = "";
  if (to - from <= SHORT) {
    for (let at = from; at < to; at++) binary += String.fromCharCode(bytes[at] as number);
    return binary;
  }
  // If there are as many characters as bytes and none replaces broken UTF-8, all of them are ASCII.
  const text = decoder.decode(bytes.subarray(from, to));
  if (text.length === to - from && !text.includes("\ufffd")) return text;
  for (let at = from; at < to; at += SLICE) binary += String.fromCharCode(...bytes.subarray(at, Math.min(to, at + SLICE)));
  return binary;
}

/** Writes a binary string to where there is room for it. */
export function writeBinary(binary: string, bytes: Uint8Array, from: number): void {
  const { length } = binary;
  // If each character took one byte, all of them are ASCII.
  if (length > SHORT && encoder.encodeInto(binary, bytes.subarray(from, from + length)).read === length) return;
  for (let at = 0; at < length; at++) bytes[from + at] = binary.charCodeAt(at);
}
