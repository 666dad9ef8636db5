import { describe, expect, it } from "vitest";
import { createBodyRoom } from "../../../src/http/body-room.ts";
import { readBody } from "../../../src/http/middleware/read-body.ts";

const ROOM = 100;

/** Room for 100 bytes, of which a body takes 60 at most, on a clock that stands still. */
function open() {
  const time = { now: 1_000 };
  const room = createBodyRoom(ROOM, () => time.now);
  const read = (request: Request, share = room.open()) => readBody(request, { bytesMax: 60, waitMs: 50, share, now: () => time.now });
  /** Bytes that are free. */
  const free = () => {
    const share = room.open();
    let bytes = ROOM;
    while (bytes > 0 && !share.hold(bytes)) bytes -= 1;
    share.release();
    return bytes;
  };
  return { time, room, read, free };
}

const bytes = (length: number) => new Uint8Array(length).fill(0x31);

/** A request whose body comes in these parts; `told`: its Content-Length, if it tells one. */
function requestOf(parts: readonly Uint8Array[], told?: number, after?: () => void) {
  let at = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const part = parts[at++];
      if (part) controller.enqueue(part);
      else if (after) after();
      else controller.close();
    },
  });
  const headers = told === undefined ? {} : { "content-length": `${told}` };
  return new Request("http://localhost/", { method: "POST", body, headers, duplex: "half" } as RequestInit);
}

/** A body of which nothing may be read. */
const unread = (told: number) =>
  requestOf([], told, () => {
    throw new Error("it was read");
  });

describe("a body", () => {
  it("is read whole, also where its length is told wrongly or not at all", async () => {
    for (const told of [undefined, 30, 10, 50]) {
      const { read } = open();
      expect(await read(requestOf([bytes(10), bytes(20)], told))).toEqual({ bytes: bytes(30), startedMs: 1_000 });
    }
  });

  it("holds its room until that is released, and gives it back once", async () => {
    const { room, read, free } = open();
    const share = room.open();
    await read(requestOf([bytes(30)], 30), share);
    expect(free()).toBe(70);
    share.release();
    share.release();
    expect(free()).toBe(ROOM);
  });

  it("for which there is no room is refused before anything of it is read", async () => {
    const { room, read } = open();
    room.open().hold(50);
    expect(await read(unread(60))).toBe("no-room");
  });

  it("that tells no length, or too small a one, cannot get around the room", async () => {
    for (const told of [undefined, 1]) {
      const { room, read, free } = open();
      room.open().hold(50);
      const share = room.open();
      expect(await read(requestOf([bytes(30), bytes(30)], told), share)).toBe("no-room");
      share.release();
      expect(free()).toBe(50);
    }
  });

  it("that is too large is read on without being kept, so that its sender hears why", async () => {
    for (const told of [undefined, 80]) {
      const { read, free, room } = open();
      const share = room.open();
      expect(await read(requestOf([bytes(40), bytes(40)], told), share)).toBe("body-too-large");
      expect(free()).toBe(ROOM);
    }
  });

  it("whose sender goes away is cut", async () => {
    const { read } = open();
    const gone = requestOf([bytes(10)], 30, () => {
      throw new Error("reset");
    });
    expect(await read(gone)).toBe("body-cut");
  });

  it("that does not come to its end in time is late", async () => {
    const { read } = open();
    expect(await read(requestOf([bytes(10)], 30, () => {}))).toBe("body-late");
  });
});

it("room whose holder ended without a word is free again after 30 s", () => {
  const { time, room } = open();
  room.open().hold(ROOM);
  expect(room.open().hold(1)).toBe(false);
  time.now += 30_001;
  expect(room.open().hold(ROOM)).toBe(true);
});
