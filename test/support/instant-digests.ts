import { createHash } from "node:crypto";

/** Makes digests without leaving the thread, so that no time passes over them where a test turns the clock; returns how to undo it. */
export function installInstantDigests(): () => void {
  Object.defineProperty(crypto.subtle, "digest", { value: digest, configurable: true });
  return () => void Reflect.deleteProperty(crypto.subtle, "digest");
}

async function digest(algorithm: string, data: Uint8Array): Promise<ArrayBuffer> {
  const bytes = createHash(algorithm.replace("-", "").toLowerCase()).update(data).digest();
  return new Uint8Array(bytes).buffer;
}
