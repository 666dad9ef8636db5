import { exportJWK, generateKeyPair } from "jose";

/** Both halves of a new Ed25519 key as settings hold them, JWKs as JSON; their `kid` is today's date. */
export interface KeyPair {
  readonly signingKey: string;
  readonly verifyKey: string;
}

/** Makes a key pair for the calls of a gateway to a proxy. */
export async function createKeyPair(): Promise<KeyPair> {
  const kid = new Date().toISOString().slice(0, 10);
  const { privateKey, publicKey } = await generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true });
  const text = async (key: CryptoKey) => JSON.stringify({ kid, ...(await exportJWK(key)) });
  return { signingKey: await text(privateKey), verifyKey: await text(publicKey) };
}
