const encoder = new TextEncoder();

/** Fewer than the arguments that every engine takes in one call. */
const CHUNK_BYTES = 8192;

/** Base64 (RFC 4648, padded) of the text's UTF-8 form, as Kubernetes wants it for `format: byte`. */
export function base64(text: string): string {
  const bytes = encoder.encode(text);
  // As many bytes as characters: plain ASCII, as most alerts are, and many times faster.
  if (bytes.length === text.length) return btoa(text);
  let binary = "";
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) binary += String.fromCharCode(...bytes.subarray(at, at + CHUNK_BYTES));
  return btoa(binary);
}

/** The text whose UTF-8 form this is in base64; what is no UTF-8 reads as U+FFFD. */
export const fromBase64 = (encoded: string): string =>
  new TextDecoder().decode(Uint8Array.from(atob(encoded), (unit) => unit.charCodeAt(0)));
