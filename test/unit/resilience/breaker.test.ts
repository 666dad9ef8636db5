import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Failure, type FailureCode } from "../../../src/domain/failure.ts";
import { type Breaker, type Caller, createBreaker, PROBE_EVERY_MS } from "../../../src/resilience/breaker.ts";

const OPEN_MS = 300_000;

let breaker: Breaker;
/** Calls that were made of the dependency. */
let made: number;

beforeEach(() => {
  vi.useFakeTimers({ now: 1_800_000_000_000 });
  made = 0;
  breaker = createBreaker({ code: "ledger-unavailable", failurePercent: 5, openMs: OPEN_MS, now: Date.now });
});
afterEach(() => vi.useRealTimers());

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const failure = (code: FailureCode = "ledger-unavailable") => new Failure(code, "by the test", "unknown");
const call = (caller: Caller, work: () => Promise<unknown>) =>
  breaker.run(caller, () => {
    made += 1;
    return work();
  });
const good = (caller: Caller) => call(caller, async () => "good");
const bad = (caller: Caller, code?: FailureCode) => call(caller, () => Promise.reject(failure(code))).catch((error: unknown) => error);
const times = async (count: number, one: () => Promise<unknown>) => {
  for (let at = 0; at < count; at += 1) await one();
};
const trip = () => times(20, () => bad("sender"));
/** Rejected without a call of the dependency. */
async function expectTurnedAway(caller: Caller): Promise<void> {
  const before = made;
  await expect(good(caller)).rejects.toMatchObject({ code: "ledger-unavailable", effect: "none" });
  expect(made).toBe(before);
}

describe("a breaker", () => {
  it("lets calls through, and their values and errors back, while the dependency works", async () => {
    expect(await good("sender")).toBe("good");
    expect(await bad("sender")).toMatchObject({ effect: "unknown" });
    expect(breaker.state()).toBe("closed");
  });

  it("stays closed for one lost call in twenty", async () => {
    for (let minute = 0; minute < 10; minute += 1) {
      await times(19, () => good("sender"));
      await bad("sender");
      await pass(20_000);
    }
    expect(breaker.state()).toBe("closed");
  });

  it.each(["ledger-refused", "ledger-reply-invalid"] as const)("takes %s for an answer, however often it comes", async (code) => {
    await times(100, () => bad("sender", code));
    await times(100, () => call("sender", () => Promise.reject(new TypeError("by the test"))).catch(() => {}));
    expect(breaker.state()).toBe("closed");
  });

  it("answers senders at once while the dependency counts as down, and says that nothing was done", async () => {
    await trip();
    expect(breaker.state()).toBe("open");
    await expectTurnedAway("sender");
    await pass(PROBE_EVERY_MS);
    await expectTurnedAway("sender");
  });

  it("makes one probe each 5 s as long as they fail", async () => {
    await trip();
    made = 0;
    for (let second = 0; second < 60; second += 1) {
      await pass(1_000);
      await bad("probe");
    }
    expect(made).toBe(60_000 / PROBE_EVERY_MS);
    expect(breaker.state()).toBe("open");
  });

  it("closes after three good probes, which need not wait for each other", async () => {
    await trip();
    await pass(PROBE_EVERY_MS);
    await times(2, () => good("probe"));
    expect(breaker.state()).toBe("half-open");
    await expectTurnedAway("sender");
    await good("probe");
    expect(breaker.state()).toBe("closed");
    expect(await good("sender")).toBe("good");
  });

  it("opens again with the first probe that fails", async () => {
    await trip();
    await pass(PROBE_EVERY_MS);
    await times(2, () => good("probe"));
    await bad("probe");
    expect(breaker.state()).toBe("open");
    await expectTurnedAway("probe");
    await pass(PROBE_EVERY_MS);
    await times(2, () => good("probe"));
    expect(breaker.state()).toBe("half-open");
  });

  it("counts a refusal as a good probe: the dependency answers", async () => {
    await trip();
    await pass(PROBE_EVERY_MS);
    await times(3, () => bad("probe", "ledger-refused"));
    expect(breaker.state()).toBe("closed");
  });

  it("lets senders try again after the time it may keep them, where nobody probes", async () => {
    await trip();
    await pass(OPEN_MS - 1);
    await expectTurnedAway("sender");
    await pass(1);
    await bad("sender");
    await expectTurnedAway("sender");
    await pass(PROBE_EVERY_MS);
    await times(3, () => good("sender"));
    expect(breaker.state()).toBe("closed");
  });

  it("keeps senders for its time from the last opening that came after a good while", async () => {
    await trip();
    await pass(PROBE_EVERY_MS);
    await times(3, () => good("probe"));
    await pass(OPEN_MS);
    await trip();
    await pass(OPEN_MS - 1);
    await expectTurnedAway("sender");
  });

  it.each([0, 1, 2])("has nobody wait for the probes of others, of which %d have ended well", async (ended) => {
    await trip();
    await pass(PROBE_EVERY_MS);
    await times(ended, () => good("probe"));
    const answers: (() => void)[] = [];
    const slow = Array.from({ length: 3 - ended }, () => call("probe", () => new Promise<void>((resolve) => answers.push(resolve))));
    await pass(0);
    expect(answers).toHaveLength(3 - ended);
    await expectTurnedAway("probe");
    await expectTurnedAway("sender");
    for (const answer of answers) answer();
    await Promise.all(slow);
    expect(breaker.state()).toBe("closed");
  });

  it("heeds no answer that comes when it was decided without it", async () => {
    await trip();
    await pass(PROBE_EVERY_MS);
    let answer = (): void => {};
    const slow = call("probe", () => new Promise<void>((resolve) => (answer = resolve)));
    await pass(0);
    await bad("probe");
    expect(breaker.state()).toBe("open");
    await pass(PROBE_EVERY_MS);
    await good("probe");
    answer();
    await slow;
    await good("probe");
    expect(breaker.state()).toBe("half-open");
    await good("probe");
    expect(breaker.state()).toBe("closed");
  });
});
