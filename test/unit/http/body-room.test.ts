import { describe, expect, it } from "vitest";
import { createBodyRoom } from "../../../src/http/body-room.ts";

const MIB = 1024 * 1024;

describe("the room for bodies", () => {
  it("is for so many bytes at once, whoever holds them", () => {
    const room = createBodyRoom(100 * MIB, () => 0);
    const [one, other, third] = [room.open(), room.open(), room.open()];
    expect([one.hold(60 * MIB), other.hold(41 * MIB), other.hold(40 * MIB), third.hold(1 * MIB)]).toEqual([true, false, true, false]);
    one.release();
    expect([third.hold(60 * MIB), one.hold(1 * MIB)]).toEqual([true, false]);
  });

  it("lets a share grow, never shrink, as long as there is room, and takes it back once", () => {
    const room = createBodyRoom(100 * MIB, () => 0);
    const [one, other] = [room.open(), room.open()];
    expect([one.hold(50 * MIB), one.hold(80 * MIB), one.hold(10 * MIB), other.hold(21 * MIB), one.hold(101 * MIB)]).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
    one.release();
    one.release();
    expect([other.hold(100 * MIB), one.hold(1 * MIB)]).toEqual([true, false]);
  });

  it("takes back what was held for longer than any request takes, and only where it is needed", () => {
    let now = 0;
    const room = createBodyRoom(100 * MIB, () => now);
    const gone = room.open();
    gone.hold(100 * MIB);
    now = 30_000;
    expect(room.open().hold(1 * MIB)).toBe(false);
    now += 1;
    const next = room.open();
    expect(next.hold(100 * MIB)).toBe(true);
    gone.release();
    expect(room.open().hold(1 * MIB)).toBe(false);
    next.release();
    expect(room.open().hold(100 * MIB)).toBe(true);
  });

  it("has an eighth more for small bodies, so that large ones keep none of them out", () => {
    const room = createBodyRoom(8 * MIB, () => 0);
    room.open().hold(8 * MIB);
    const small = () => room.open().hold(256 * 1024);
    expect(room.open().hold(256 * 1024 + 1)).toBe(false);
    expect([small(), small(), small(), small(), small()]).toEqual([true, true, true, true, false]);
  });

  it("does not count twice what it takes back from the very share that grows", () => {
    let now = 0;
    const room = createBodyRoom(100 * MIB, () => now);
    const slow = room.open();
    slow.hold(60 * MIB);
    now = 30_001;
    const other = room.open();
    other.hold(30 * MIB);
    expect(slow.hold(71 * MIB)).toBe(false);
    expect(slow.hold(70 * MIB)).toBe(true);
  });

  it("gives large payloads their turn one at a time, and takes it from one that is gone", async () => {
    let now = 0;
    const room = createBodyRoom(100, () => now);
    const [first, second, third] = [room.open(), room.open(), room.open()];
    for (const share of [first, second, third]) share.hold(10);
    expect(await first.takeTurn(0)).toBe(true);
    expect(await second.takeTurn(0)).toBe(false);
    const waiting = second.takeTurn(1);
    first.release();
    expect(await waiting).toBe(true);
    expect(await third.takeTurn(0)).toBe(false);
    now = 30_001;
    expect(await third.takeTurn(0)).toBe(true);
  });
});
