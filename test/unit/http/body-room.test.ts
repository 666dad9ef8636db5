import { expect, it } from "vitest";
import { createBodyRoom } from "../../../src/http/body-room.ts";

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
