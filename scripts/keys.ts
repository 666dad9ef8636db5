// Makes a key pair for the calls of a gateway to a proxy, and prints both halves as settings.
import { exportJWK, generateKeyPair } from "jose";

const kid = new Date().toISOString().slice(0, 10);
const { privateKey, publicKey } = await generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true });
const setting = async (name: string, key: CryptoKey) => console.log(`${name}='${JSON.stringify({ kid, ...(await exportJWK(key)) })}'`);
await setting("CRD_PROXY_SIGNING_KEY", privateKey);
await setting("CRD_PROXY_VERIFY_KEYS", publicKey);
