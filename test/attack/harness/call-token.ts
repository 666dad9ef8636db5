import { createHash, generateKeyPairSync, type KeyObject, randomUUID, sign } from "node:crypto";

/** The key pair of gateway and proxy, and one that neither knows. */
export interface CallKeys {
  readonly kid: string;
  readonly own: KeyObject;
  readonly foreign: KeyObject;
  /** As settings hold them. */
  readonly signingKey: string;
  readonly verifyKey: string;
  /** Its private part, as text. */
  readonly secret: string;
}

export function createCallKeys(): CallKeys {
  const own = generateKeyPairSync("ed25519").privateKey;
  const jwk = own.export({ format: "jwk" });
  const kid = "attacked";
  return {
    kid,
    own,
    foreign: generateKeyPairSync("ed25519").privateKey,
    signingKey: JSON.stringify({ ...jwk, kid }),
    verifyKey: JSON.stringify({ kty: jwk.kty, crv: jwk.crv, x: jwk.x, kid }),
    secret: jwk.d as string,
  };
}

export const base64url = (value: string | Uint8Array): string => Buffer.from(value).toString("base64url");

export const hashOf = (body: string): string => createHash("sha256").update(body).digest("base64url");

export interface Forged {
  /** Members of the header and the claims, over those of an honest token; undefined leaves one out. Text stands for the whole JSON. */
  readonly header?: Readonly<Record<string, unknown>> | string;
  readonly claims?: Readonly<Record<string, unknown>> | string;
  readonly key?: KeyObject;
  /** In place of a signature. */
  readonly signature?: string | ((signed: string) => string);
}

const nowSeconds = () => Math.floor(Date.now() / 1000);

/** A call's token for this body, as a gateway signs it but for what is forged. */
export function callToken({ kid, own }: CallKeys, cluster: string, body: string, forged: Forged = {}): string {
  const { header = {}, claims = {}, key = own, signature } = forged;
  const honest = { aud: cluster, jti: randomUUID(), iat: nowSeconds(), exp: nowSeconds() + 30, body_sha256: hashOf(body) };
  const head = typeof header === "string" ? header : JSON.stringify({ alg: "EdDSA", kid, ...header });
  const payload = typeof claims === "string" ? claims : JSON.stringify({ ...honest, ...claims });
  const signed = `${base64url(head)}.${base64url(payload)}`;
  if (signature !== undefined) return `${signed}.${typeof signature === "string" ? signature : signature(signed)}`;
  return `${signed}.${base64url(sign(null, Buffer.from(signed), key))}`;
}
