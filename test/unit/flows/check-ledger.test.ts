import { beforeEach, describe, expect, it, vi } from "vitest";
import type { RedisTrouble } from "../../../src/domain/redis-trouble.ts";
import { createLedgerCheck } from "../../../src/flows/check-ledger.ts";

const log = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
beforeEach(() => vi.clearAllMocks());

function checkOf(found: { trouble: RedisTrouble | null }) {
  const time = { now: 0 };
  const probe = vi.fn(async () => found.trouble);
  return { time, probe, check: createLedgerCheck(probe, { now: () => time.now }, log) };
}

describe("what is wrong with the ledger's Redis", () => {
  it("is looked for once in 10 s and once at a time, however many ask, and logged once", async () => {
    const { time, probe, check } = checkOf({ trouble: "wrong-engine" });
    for (time.now = 0; time.now < 30_000; time.now += 1_000) await Promise.all(Array.from({ length: 50 }, check));
    expect(probe).toHaveBeenCalledTimes(3);
    expect(log.error.mock.calls).toEqual([["redis-misconfigured", { trouble: "wrong-engine" }]]);
  });

  it("is asked for by nobody else while a look hangs", async () => {
    const time = { now: 0 };
    const probe = vi.fn(() => new Promise<null>(() => {}));
    const check = createLedgerCheck(probe, { now: () => time.now }, log);
    for (time.now = 0; time.now < 60_000; time.now += 1_000) void check();
    expect(probe).toHaveBeenCalledTimes(1);
  });

  it("is asked for by one request of a Worker at a time, and no other waits for it", async () => {
    const time = { now: 0 };
    const asked: ((trouble: RedisTrouble) => void)[] = [];
    const probe = () => new Promise<RedisTrouble>((resolve) => asked.push(resolve));
    const check = createLedgerCheck(probe, { now: () => time.now }, log, true);
    const first = check();
    expect(await check()).toBeNull();
    asked[0]?.("wrong-engine");
    await first;
    expect(await check()).toEqual({ word: "wrong-engine", lasts: true });
    // One that was cut off holds up none for long.
    time.now = 10_000;
    void check();
    expect(await check()).toEqual({ word: "wrong-engine", lasts: true });
    time.now = 20_000;
    void check();
    expect(asked).toHaveLength(3);
  });

  it("is said to last at once, but for a replica, which a failover shows for a moment, and a full Redis, which is away like one that is down", async () => {
    for (const [trouble, atOnce, later] of [
      ["rights-missing", true, true],
      ["read-only-replica", false, true],
      ["redis-full", false, false],
    ] as const) {
      const { time, check } = checkOf({ trouble });
      expect(await check()).toEqual({ word: trouble, lasts: atOnce });
      time.now = 60_000;
      expect(await check()).toEqual({ word: trouble, lasts: later });
    }
  });

  it("is over with a look that finds nothing, which the log has, too", async () => {
    const found: { trouble: RedisTrouble | null } = { trouble: "rights-missing" };
    const { time, check } = checkOf(found);
    await check();
    found.trouble = null;
    time.now = 10_000;
    expect(await check()).toBeNull();
    expect(log.info.mock.calls).toEqual([["redis-usable"]]);
  });
});
