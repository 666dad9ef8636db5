/** A random id of 128 bits, 32 lower-case hex. */
export function randomId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Evenly spread between half of `ms` and `ms`, so that those who failed together do not come back together. */
export function jitter(ms: number): number {
  const [random = 0] = crypto.getRandomValues(new Uint32Array(1));
  return Math.round(ms * (0.5 + random / 2 ** 33));
}
