import { exportJWK, generateKeyPair } from "jose";
import * as v from "valibot";
import { SigningKey, VerifyKeys } from "../../../src/protocol/token.ts";

/** A fresh key pair: the private key for a gateway, the set of public ones for a proxy. */
export async function newKey(kid: string): Promise<{ signingKey: SigningKey; verifyKeys: VerifyKeys }> {
  const { privateKey } = await generateKeyPair("EdDSA", { extractable: true });
  const jwk = { ...(await exportJWK(privateKey)), kid };
  return { signingKey: v.parse(SigningKey, jwk), verifyKeys: v.parse(VerifyKeys, { keys: [jwk] }) };
}
