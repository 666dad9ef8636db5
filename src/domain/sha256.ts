const encoder = new TextEncoder();

/** Up to here a digest takes less time than handing the text to the platform's own, which answers later and from another thread. */
const SHORT_CHARACTERS = 1_024;

const BLOCK_BYTES = 64;

/** A short text, a bit, and its length; whole blocks. A UTF-16 unit takes at most three bytes. */
const block = new Uint8Array(SHORT_CHARACTERS * 3 + 2 * BLOCK_BYTES);
const view = new DataView(block.buffer);

const isPrime = (number: number): boolean => {
  for (let by = 2; by * by <= number; by += 1) if (number % by === 0) return false;
  return true;
};
const PRIMES = Array.from({ length: 310 }, (_, at) => at + 2).filter(isPrime);
/** The first 32 bits of what follows the point. */
const fraction = (number: number): number => ((number % 1) * 2 ** 32) | 0;
const START = Int32Array.from(PRIMES.slice(0, 8), (prime) => fraction(Math.sqrt(prime)));
const ROUNDS = Int32Array.from(PRIMES.slice(0, 64), (prime) => fraction(Math.cbrt(prime)));
const state = new Int32Array(8);
const schedule = new Int32Array(64);

/** Takes in 64 bytes from `at` on (FIPS 180-4, section 6.2.2). */
function compress(at: number): void {
  for (let t = 0; t < 16; t += 1) schedule[t] = view.getInt32(at + 4 * t);
  for (let t = 16; t < 64; t += 1) {
    const x = schedule[t - 15] as number;
    const y = schedule[t - 2] as number;
    const small0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const small1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    schedule[t] = (schedule[t - 16] as number) + small0 + (schedule[t - 7] as number) + small1;
  }
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state;
  for (let t = 0; t < 64; t += 1) {
    const big1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const first = (h + big1 + ((e & f) ^ (~e & g)) + (ROUNDS[t] as number) + (schedule[t] as number)) | 0;
    const big0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const second = (big0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + first) | 0;
    d = c;
    c = b;
    b = a;
    a = (first + second) | 0;
  }
  const added = [a, b, c, d, e, f, g, h];
  for (let at = 0; at < 8; at += 1) state[at] = (state[at] as number) + (added[at] as number);
}

const DIGITS = encoder.encode("0123456789abcdef");
const digits = new Uint8Array(64);
const decoder = new TextDecoder();

/** In one piece: a text that is put together digit by digit takes twenty times the memory until somebody reads it. */
function hex(words: Int32Array): string {
  for (let at = 0; at < 64; at += 1) digits[at] = DIGITS[((words[at >> 3] as number) >>> (28 - 4 * (at & 7))) & 15] as number;
  return decoder.decode(digits);
}

function shortSha256(text: string): string {
  const bytes = encoder.encodeInto(text, block).written;
  const end = Math.ceil((bytes + 9) / BLOCK_BYTES) * BLOCK_BYTES;
  block.fill(0, bytes, end);
  block[bytes] = 0x80;
  view.setUint32(end - 4, bytes * 8);
  state.set(START);
  for (let at = 0; at < end; at += BLOCK_BYTES) compress(at);
  return hex(state);
}

/** Lower-case hex SHA-256 of the text's UTF-8 form, 64 characters. */
export async function sha256Hex(text: string): Promise<string> {
  if (text.length <= SHORT_CHARACTERS) return shortSha256(text);
  const digest = new DataView(await crypto.subtle.digest("SHA-256", encoder.encode(text)));
  return hex(Int32Array.from({ length: 8 }, (_, at) => digest.getInt32(4 * at)));
}
