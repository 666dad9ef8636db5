import type { Answer, Value } from "./commands.ts";

/** `base64`: every string is sent so, but for a reply of "OK", which Upstash leaves as it is. Without it, bytes that are no text are lost. */
export type Encoding = "base64" | "text";

/** An answer as the REST protocol has it, `{"result": …}` or `{"error": …}`, in JSON. Integers keep all their digits. */
export function encodeAnswer(answer: Answer, encoding: Encoding): string {
  if ("error" in answer) return JSON.stringify(answer);
  const { result } = answer;
  return `{"result":${result instanceof Uint8Array && isOk(result) ? '"OK"' : encodeValue(result, encoding)}}`;
}

function encodeValue(value: Value, encoding: Encoding): string {
  if (value instanceof Uint8Array) return JSON.stringify(encoding === "base64" ? toBase64(value) : new TextDecoder().decode(value));
  // An "OK" in an array is encoded like any other string: @upstash/redis decodes it there.
  return Array.isArray(value) ? `[${value.map((item) => encodeValue(item, encoding)).join()}]` : String(value);
}

const isOk = (bytes: Uint8Array): boolean => bytes.length === 2 && bytes[0] === 79 && bytes[1] === 75;

/** In slices: a call takes only so many arguments. */
function toBase64(bytes: Uint8Array): string {
  let binary = "";
  for (let start = 0; start < bytes.length; start += 8_192) binary += String.fromCharCode(...bytes.subarray(start, start + 8_192));
  return btoa(binary);
}
