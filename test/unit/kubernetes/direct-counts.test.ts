import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiFailure } from "../../../src/adapters/kubernetes/api-failure.ts";
import { createDirectCounts, type DirectCounts } from "../../../src/adapters/kubernetes/direct-counts.ts";
import { pause } from "../../../src/adapters/kubernetes/pause.ts";
import type { Slots } from "../../../src/domain/slots.ts";
import { INTENT_REMEMBERED_MS, type RecordOperation } from "../../../src/ports/remediation-writer.ts";

const START_MS = 1_800_000_000_000;
const requestOf = (uid: string) => ({ namespace: "shop", name: `rr-${uid}`, uid });

let counts: DirectCounts;
let written: (RecordOperation & { readonly atMs: number })[];
/** What becomes of a write. */
let outcome: () => Promise<boolean>;

beforeEach(() => {
  vi.useFakeTimers({ now: START_MS });
  written = [];
  outcome = async () => true;
  const write = (operation: RecordOperation) => {
    written.push({ ...operation, atMs: Date.now() - START_MS });
    return outcome();
  };
  counts = createDirectCounts({ timing: { clock: { now: Date.now }, pause, random: () => 0.5 }, slot: "direct-a", write });
});
afterEach(() => vi.useRealTimers());

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
let intents = 0;
const count = (uid: string, intent = `intent-${++intents}`, slots: Slots = {}) => counts.count(requestOf(uid), intent, slots);
const told = () => written.map(({ request, slot, count: sum }) => `${request.uid} ${slot} ${sum}`);

describe("what is counted without a ledger", () => {
  it("is told of at once, and written in a slot of its own within 5 s", async () => {
    expect([count("x"), count("x"), count("y")]).toEqual([1, 2, 1]);
    await pass(4_999);
    expect(written).toEqual([]);
    await pass(1);
    expect(written).toMatchObject([
      {
        kind: "record",
        request: requestOf("x"),
        slot: "direct-a",
        count: 2,
        firstSeenMs: START_MS,
        lastSeenMs: START_MS,
        resolvedAtMs: null,
      },
      { request: requestOf("y"), slot: "direct-a", count: 1 },
    ]);
    expect(count("x")).toBe(1);
  });

  it("is written once per 5 s and object at most, and not at all where nothing is new", async () => {
    for (let second = 0; second < 30; second += 1) {
      count("x");
      await pass(1_000);
    }
    const times = written.map(({ atMs }) => atMs);
    expect(times).toHaveLength(6);
    expect(Math.min(...times.slice(1).map((time, at) => time - (times[at] as number)))).toBeGreaterThanOrEqual(5_000);
    await pass(5_000);
    const before = written.length;
    await pass(60_000);
    expect(written).toHaveLength(before);
    expect(told().at(-1)).toBe("x direct-a 30");
    expect(vi.getTimerCount()).toBe(0);
  });

  it("counts an intent once, and again when it comes after the time for which it is the same", async () => {
    expect([count("x", "a"), count("x", "a")]).toEqual([1, 1]);
    await pass(INTENT_REMEMBERED_MS - 1);
    expect(count("x", "a")).toBe(0);
    await pass(1);
    expect(count("x", "a")).toBe(1);
    await pass(5_000);
    expect(told()).toEqual(["x direct-a 1", "x direct-a 2"]);
  });

  it("does not count an intent whose own object counts it", async () => {
    counts.note("a");
    expect([counts.knows("a"), count("x", "a")]).toEqual([true, 0]);
    await pass(10_000);
    expect(written).toEqual([]);
  });

  it("is written again where a write fails, with all that came since", async () => {
    outcome = () => Promise.reject(new Error("by the test"));
    count("x");
    await pass(5_000);
    expect(count("x")).toBe(2);
    outcome = async () => true;
    await pass(5_000);
    expect(told()).toEqual(["x direct-a 1", "x direct-a 2"]);
    await pass(60_000);
    expect(written).toHaveLength(2);
  });

  it("is not written again where it is refused for good, until more is counted", async () => {
    outcome = () => Promise.reject(new ApiFailure("invalid"));
    count("x");
    await pass(60_000);
    expect(told()).toEqual(["x direct-a 1"]);
    expect(count("x")).toBe(2);
    await pass(5_000);
    expect(told()).toEqual(["x direct-a 1", "x direct-a 2"]);
  });

  it("is not forgotten by a write that was under way while more was counted", async () => {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    outcome = () => promise;
    count("x");
    await pass(5_000);
    count("x");
    resolve(true);
    await pass(5_000);
    expect(told()).toEqual(["x direct-a 1", "x direct-a 2"]);
  });

  it("ends with its object", async () => {
    outcome = async () => false;
    count("x");
    await pass(60_000);
    expect(told()).toEqual(["x direct-a 1"]);
  });

  it("is written at once when the process ends", async () => {
    count("x");
    count("y");
    await counts.flush();
    expect(told()).toEqual(["x direct-a 1", "y direct-a 1"]);
    await counts.flush();
    expect(written).toHaveLength(2);
  });

  it("is written by who ends, also where a write was under way that failed", async () => {
    const { promise, reject } = Promise.withResolvers<boolean>();
    outcome = () => promise;
    count("x");
    await pass(5_000);
    outcome = async () => true;
    const ended = counts.flush();
    reject(new Error("by the test"));
    await ended;
    expect(told()).toEqual(["x direct-a 1", "x direct-a 1"]);
  });

  it("carries a resolve that came after it, until it fires again", async () => {
    counts.resolved(requestOf("x"), START_MS);
    await pass(5_000);
    expect(written).toEqual([]);
    count("x");
    counts.resolved(requestOf("x"), START_MS + 7);
    await pass(5_000);
    count("x");
    await pass(5_000);
    expect(written.map(({ resolvedAtMs }) => resolvedAtMs)).toEqual([START_MS + 7, null]);
  });

  it("is forgotten after ten idle minutes, and goes on from what its object shows, in another slot only where that was folded", async () => {
    count("x");
    for (let minute = 0; minute < 11; minute += 1) {
      await pass(60_000);
      count("y");
    }
    await pass(5_000);
    count("x", "later", { "direct-a": 1, other: 7 });
    count("z", "folded", { "direct-a": 0, "direct-a-1": 0, earlier: 9 });
    await pass(5_000);
    expect(told().filter((line) => /^[xz]/.test(line))).toEqual(["x direct-a 1", "x direct-a 2", "z direct-a-2 1"]);
    expect(told()).toContain("y direct-a 11");
  });

  it("remembers 100,000 intents, the latest", () => {
    for (let n = 0; n <= 100_000; n += 1) counts.note(`flood-${n}`);
    expect(["flood-0", "flood-1", "flood-100000"].map((intent) => counts.knows(intent))).toEqual([false, true, true]);
  });
});
