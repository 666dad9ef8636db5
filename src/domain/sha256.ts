import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";

/** Up to here a digest in JavaScript takes less time than handing the text to the platform's, which answers later and from another thread. */
const SHORT_CHARACTERS = 1_024;

/** Lower-case hex SHA-256 of the text's UTF-8 form, 64 characters. */
export async function sha256Hex(text: string): Promise<string> {
  const bytes = utf8ToBytes(text);
  if (text.length <= SHORT_CHARACTERS) return bytesToHex(sha256(bytes));
  return bytesToHex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>)));
}
