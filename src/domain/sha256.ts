import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";

/** Up to here a digest in JavaScript takes less time than handing the text to the platform's, which answers later and from another thread. */
const SHORT_CHARACTERS = 1_024;

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** Where the platform cannot do it, as on Node 24: not by appending, since V8 keeps such a text as a tree of its pieces, a kilobyte for 64 characters. */
const hexOf: (bytes: Uint8Array) => string =
  "toHex" in Uint8Array.prototype ? bytesToHex : (bytes) => Array.from(bytes, (byte) => HEX[byte]).join("");

/** Lower-case hex SHA-256 of bytes, 64 characters. */
export const sha256HexOf = async (bytes: Uint8Array): Promise<string> =>
  hexOf(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>)));

/** The same of a short text, at once. */
export const sha256HexNow = (text: string): string => hexOf(sha256(utf8ToBytes(text)));

/** Lower-case hex SHA-256 of the text's UTF-8 form, 64 characters. */
export async function sha256Hex(text: string): Promise<string> {
  return text.length <= SHORT_CHARACTERS ? sha256HexNow(text) : sha256HexOf(utf8ToBytes(text));
}
