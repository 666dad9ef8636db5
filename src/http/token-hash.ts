import { sha256Hex } from "../domain/sha256.ts";

/** SHA-256 of a bearer token, or of the password of Basic credentials (RFC 7617), whatever user they name: the token alone tells whose it is. Null: there is none. */
export async function tokenHash(authorization: string | null | undefined): Promise<string | null> {
  const token = tokenOf(authorization ?? "");
  // Hashes are compared, so how long a comparison takes tells nothing about a token.
  return token === null ? null : sha256Hex(token);
}

function tokenOf(authorization: string): string | null {
  const [, scheme = "", value = ""] = /^(Bearer|Basic) ([^\s]+)$/i.exec(authorization) ?? [];
  if (scheme.toLowerCase() !== "basic") return value || null;
  try {
    return /^[^:]*:(.+)$/s.exec(atob(value))?.[1] ?? null;
  } catch {
    return null;
  }
}
