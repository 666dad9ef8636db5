import { sign } from "hono/jwt";
import { createLocalJWKSet, jwtVerify } from "jose";
import * as v from "valibot";
import type { Clock } from "../ports/clock.ts";

/** Longest life of a token in seconds; the proxy remembers each token's id as long. */
export const TOKEN_LIFE_MAX_SECONDS = 60;

/** Life that a signer gives: half of what is allowed, so that clocks may be 30 s apart in either direction. */
const TOKEN_LIFE_SECONDS = TOKEN_LIFE_MAX_SECONDS / 2;

/** The WWW-Authenticate (RFC 6750) of a 401 to a token that is older than the proxy's process: nothing was done, and a new token for the same call is taken. */
export const ISSUED_BEFORE_START = 'Bearer error="invalid_token", error_description="issued before start"';

/** Only the one algorithm of the keys: what a token says about its own must not choose how it is checked. */
const ALGORITHM = "EdDSA";

const PublicJwk = v.object({
  kty: v.literal("OKP"),
  crv: v.literal("Ed25519"),
  kid: v.pipe(v.string(), v.minLength(1)),
  x: v.pipe(v.string(), v.minLength(1)),
});

/** A private Ed25519 key as a JWK (RFC 8037) with a key id. */
export const SigningKey = v.object({ ...PublicJwk.entries, d: v.pipe(v.string(), v.minLength(1)) });
export type SigningKey = v.InferOutput<typeof SigningKey>;

/** A set of public Ed25519 keys (RFC 7517); private parts are dropped unread. Several keys let one be replaced without a gap. */
export const VerifyKeys = v.object({ keys: v.pipe(v.array(PublicJwk), v.minLength(1)) });
export type VerifyKeys = v.InferOutput<typeof VerifyKeys>;

const Claims = v.object({
  exp: v.number(),
  // A gateway of the version before does not say when it signed.
  iat: v.optional(v.number()),
  jti: v.pipe(v.string(), v.regex(/^[\w-]{16,64}$/)),
  body_sha256: v.pipe(v.string(), v.regex(/^[\w-]{43}$/)),
});

/** What a genuine token vouches for. Times in Unix ms, by the signer's clock. */
export interface Grant {
  readonly id: string;
  readonly bodySha256: string;
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
}

/** SHA-256 of a body, base64url without padding. */
export async function hashBody(body: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", body));
  return btoa(String.fromCharCode(...digest))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

/** Signs calls to the proxy of `cluster`: each token holds for one body and one use. Hono signs, as a Worker has it anyway; jose, which verifies, stays out of it. */
export function createSigner(cluster: string, key: SigningKey, clock: Clock): (body: Uint8Array<ArrayBuffer>) => Promise<string> {
  const jwk = { ...key, alg: ALGORITHM } as const;
  return async (body) => {
    const nowSeconds = clock.now() / 1000;
    const times = { iat: nowSeconds, exp: Math.floor(nowSeconds) + TOKEN_LIFE_SECONDS };
    return sign({ aud: cluster, jti: crypto.randomUUID(), ...times, body_sha256: await hashBody(body) }, jwk);
  };
}

/** Checks signature, algorithm, key id, audience and life of a token; null whatever is wrong with it. Body and single use are the caller's to check. */
export function createVerifier(cluster: string, keys: VerifyKeys, clock: Clock): (token: string) => Promise<Grant | null> {
  const keySet = createLocalJWKSet({ keys: keys.keys.map((key) => ({ ...key, alg: ALGORITHM, use: "sig" })) });
  const known = new Set(keys.keys.map(({ kid }) => kid));
  return async (token) => {
    const nowMs = clock.now();
    const verified = await jwtVerify(
      token,
      (header, jws) => {
        // Without this a token that names no key would be tried against the only one there is.
        if (typeof header.kid !== "string" || !known.has(header.kid)) throw new Error("unknown key");
        return keySet(header, jws);
      },
      { algorithms: [ALGORITHM], audience: cluster, currentDate: new Date(nowMs) },
    ).catch(() => null);
    const claims = v.safeParse(Claims, verified?.payload);
    if (!claims.success) return null;
    const { exp, jti, body_sha256, iat = exp - TOKEN_LIFE_SECONDS } = claims.output;
    if (exp * 1000 > nowMs + TOKEN_LIFE_MAX_SECONDS * 1000) return null;
    return { id: jti, bodySha256: body_sha256, issuedAtMs: Math.round(iat * 1000), expiresAtMs: exp * 1000 };
  };
}
