import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type BodyRoom, createBodyRoom } from "../../../src/http/body-room.ts";
import { readBody } from "../../../src/http/middleware/read-body.ts";

const KIB = 1024;
const MAX = 1_000 * KIB;
let room: BodyRoom;
/** Whether all the room is free again. */
const isFree = () => {
  const all = room.open();
  const free = all.hold(3 * MAX);
  all.release();
  return free;
};

interface Sent {
  readonly parts: readonly (number | Error | "never")[];
  /** A number is in units as the parts are. */
  readonly told?: string;
  /** In bytes. */
  readonly unit?: number;
}

/** A body in parts of so many bytes; counts the parts that were taken. */
function request({ parts, told, unit = KIB }: Sent) {
  let taken = 0;
  let cancelled = false;
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const part = parts[taken];
        if (part === "never") return new Promise(() => {});
        taken += 1;
        if (part === undefined) controller.close();
        else if (part instanceof Error) controller.error(part);
        else controller.enqueue(new Uint8Array(part * unit).fill(taken));
      },
      cancel() {
        cancelled = true;
      },
    },
    { highWaterMark: 0 },
  );
  const length = told !== undefined && /^\d+$/.test(told) ? `${Number(told) * unit}` : told;
  const headers = length === undefined ? {} : { "content-length": length };
  const sent = new Request("http://localhost", { method: "POST", body, headers, duplex: "half" } as RequestInit);
  return { sent, taken: () => taken, cancelled: () => cancelled };
}

async function read(given: Sent) {
  const share = room.open();
  const { sent, taken, cancelled } = request(given);
  const body = await readBody(sent, { bytesMax: MAX, encodings: [], waitMs: 8_000, share, now: Date.now });
  const bytes = typeof body === "string" ? null : body.bytes.byteLength;
  return { share, body, bytes, taken: taken(), cancelled: cancelled() };
}

describe("a body", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    room = createBodyRoom(3 * MAX, Date.now);
  });
  afterEach(() => vi.useRealTimers());

  it.each([
    ["told right", "600", [200, 300, 100]],
    ["untold", undefined, [200, 300, 100]],
    ["told too small", "250", [200, 300, 100]],
    ["told too large", "900", [200, 300, 100]],
    ["told in other words", "0x10", [200, 300, 100]],
    ["of the largest size", "1000", [1_000]],
    ["empty", undefined, []],
  ])("of a length that is %s is read whole, and holds its room until it is released", async (_, told, parts) => {
    const size = parts.reduce((sum, part) => sum + part, 0);
    const { share, bytes } = await read({ parts, ...(told && { told }) });
    expect(bytes).toBe(size * KIB);
    expect(isFree()).toBe(size === 0);
    share.release();
    expect(isFree()).toBe(true);
  });

  it("is put together in its order, whatever was told of it", async () => {
    for (const told of [undefined, "4", "6", "20"]) {
      const { body } = await read({ parts: [2, 3, 1], unit: 1, ...(told && { told }) });
      expect(typeof body === "string" ? body : [...body.bytes]).toEqual([1, 1, 2, 2, 2, 3]);
    }
  });

  it("for which there is no room by its told length is not read at all", async () => {
    room.open().hold(2_500 * KIB);
    expect(await read({ parts: [600], told: "600" })).toMatchObject({ body: "no-room", taken: 0 });
    expect((await read({ parts: [500], told: "500" })).bytes).toBe(500 * KIB);
  });

  it("for which there is no room by its bytes is read no further, whatever was told", async () => {
    for (const told of [undefined, "100"]) {
      room = createBodyRoom(3 * MAX, Date.now);
      room.open().hold(2_500 * KIB);
      const { share, body, taken, cancelled } = await read({ parts: [400, 400, 100], ...(told && { told }) });
      expect([body, taken, cancelled]).toEqual(["no-room", 2, true]);
      share.release();
      expect(room.open().hold(500 * KIB)).toBe(true);
    }
  });

  it.each([
    ["by its told length", "1001"],
    ["by its bytes", undefined],
    ["by its bytes, though it was told small", "10"],
  ])("that is too large %s is read on and holds no room, so that its sender sees the answer", async (_, told) => {
    const { body, taken } = await read({ parts: Array.from({ length: 20 }, () => 100), ...(told && { told }) });
    expect([body, taken]).toEqual(["body-too-large", 21]);
    expect(isFree()).toBe(true);
  });

  it("that is four times too large is read no further", async () => {
    const { body, taken, cancelled } = await read({ parts: Array.from({ length: 100 }, () => 100) });
    expect([body, taken, cancelled]).toEqual(["body-too-large", 41, true]);
    expect(isFree()).toBe(true);
  });

  it("whose sender is gone leaves nothing behind", async () => {
    const { share, body } = await read({ parts: [100, new Error("reset")], told: "900" });
    expect(body).toBe("body-cut");
    share.release();
    expect(isFree()).toBe(true);
  });

  it.each([
    ["never begins", ["never" as const]],
    ["never ends", [100, "never" as const]],
  ])("that %s is waited for 8 s", async (_, parts) => {
    const reading = read({ parts, told: "900" });
    await vi.advanceTimersByTimeAsync(7_999);
    expect(isFree()).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    const { share, body, cancelled } = await reading;
    expect([body, cancelled]).toEqual(["body-late", true]);
    share.release();
    expect(isFree()).toBe(true);
  });

  it("has 8 s from its first byte, and says when that came", async () => {
    const share = room.open();
    const began = Date.now();
    let send: (part: number | null) => void = () => {};
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        send = (part) => (part === null ? controller.close() : controller.enqueue(new Uint8Array(part)));
      },
    });
    const sent = new Request("http://localhost", { method: "POST", body, duplex: "half" } as RequestInit);
    const reading = readBody(sent, { bytesMax: MAX, encodings: [], waitMs: 8_000, share, now: Date.now });
    await vi.advanceTimersByTimeAsync(7_000);
    send(1);
    await vi.advanceTimersByTimeAsync(7_000);
    send(1);
    send(null);
    expect(await reading).toMatchObject({ startedMs: began + 7_000 });
  });
});
