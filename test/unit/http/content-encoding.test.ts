import { expect, it } from "vitest";
import { type Encoding, encodingsOf, inflating, type Parts } from "../../../src/http/middleware/content-encoding.ts";

const MIB = 1024 * 1024;

async function encoded(bytes: Uint8Array<ArrayBuffer>, ...encodings: readonly Encoding[]): Promise<Uint8Array<ArrayBuffer>> {
  let result = bytes;
  for (const encoding of encodings) {
    const stream = new Blob([result]).stream().pipeThrough(new CompressionStream(encoding));
    result = new Uint8Array(await new Response(stream).arrayBuffer());
  }
  return result;
}

/** Gives a body in parts of 1 KiB, and counts them. */
function inParts(bytes: Uint8Array) {
  let at = 0;
  const parts: Parts = {
    async read() {
      if (at >= bytes.byteLength) return null;
      at += 1024;
      return bytes.subarray(at - 1024, at);
    },
    cancel() {},
  };
  return { parts, readBytes: () => Math.min(at, bytes.byteLength) };
}

async function whole({ read }: Parts): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for (let part = await read(); part !== null; part = await read()) parts.push(part);
  return new Uint8Array(Buffer.concat(parts));
}

it("names of encodings are read in any case and by their other names, and identity is none", () => {
  expect(encodingsOf(undefined)).toEqual([]);
  expect(encodingsOf("")).toEqual([]);
  expect(encodingsOf("identity")).toEqual([]);
  expect(encodingsOf("GZIP")).toEqual(["gzip"]);
  expect(encodingsOf("x-gzip")).toEqual(["gzip"]);
  expect(encodingsOf("deflate, identity,gzip")).toEqual(["deflate", "gzip"]);
});

it("an encoding that is not known, or more than three, is not taken", () => {
  for (const header of ["br", "zstd", "compress", "gzip, br", "gzip;q=1", "toString", "gzip,gzip,gzip,gzip"])
    expect(encodingsOf(header)).toBeNull();
});

it.each<[readonly Encoding[]]>([[["gzip"]], [["deflate"]], [["gzip", "deflate"]], [["gzip", "gzip", "gzip"]]])(
  "inflates %j",
  async (encodings) => {
    const bytes = crypto.getRandomValues(new Uint8Array(50_000));
    const { parts } = inParts(await encoded(bytes, ...encodings));
    expect(await whole(inflating(parts, encodings))).toEqual(bytes);
  },
);

it("what is cut off, broken or not encoded at all is refused", async () => {
  const good = await encoded(new Uint8Array(10_000), "gzip");
  const broken = good.map((byte, at) => (at === good.length - 6 ? byte ^ 0xff : byte));
  for (const bytes of [good.subarray(0, -4), good.subarray(0, 12), new Uint8Array(), broken, new TextEncoder().encode('{"alerts":[]}')])
    await expect(whole(inflating(inParts(bytes).parts, ["gzip"]))).rejects.toThrow();
});

it.each<[readonly Encoding[]]>([[["gzip"]], [["gzip", "gzip"]]])(
  "a bomb in %j is inflated no further than it is read",
  async (encodings) => {
    const bomb = await encoded(crypto.getRandomValues(new Uint8Array(64 * 1024)), "deflate");
    const bytes = await encoded(
      new Uint8Array(Buffer.concat([new Uint8Array(2 * MIB), ...Array.from({ length: 16 }, () => bomb)])),
      ...encodings,
    );
    const { parts, readBytes } = inParts(bytes);
    const body = inflating(parts, encodings);
    for (let size = 0; size < MIB; ) size += (await body.read())?.byteLength ?? MIB;
    body.cancel();
    expect(readBytes()).toBeLessThan(bytes.byteLength / 4);
  },
);
