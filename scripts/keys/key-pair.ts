import { calculateJwkThumbprint, exportJWK, generateKeyPair } from "jose";

/** Both halves of a new Ed25519 key as settings hold them, JWKs as JSON; their `kid` tells the day, and two keys of a day apart. */
export interface KeyPair {
  readonly signingKey: string;
  readonly verifyKey: string;
}

/** Makes a key pair for the calls of a gateway to a proxy. */
export async function createKeyPair(): Promise<KeyPair> {
  const { privateKey, publicKey } = await generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true });
  const [own, shown] = await Promise.all([exportJWK(privateKey), exportJWK(publicKey)]);
  const kid = `${new Date().toISOString().slice(0, 10)}-${(await calculateJwkThumbprint(shown)).slice(0, 8)}`;
  return { signingKey: JSON.stringify({ kid, ...own }), verifyKey: JSON.stringify({ kid, ...shown }) };
}
