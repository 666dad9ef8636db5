import { describe, expect, it } from "vitest";
import { ApiFailure } from "../../../src/adapters/kubernetes/api-failure.ts";
import type { Listing } from "../../../src/adapters/kubernetes/listing.ts";
import { manifestFor } from "../../../src/adapters/kubernetes/manifest.ts";
import type { StoredRequest } from "../../../src/adapters/kubernetes/stored-request.ts";
import { memberId } from "../../../src/domain/storm-draft.ts";
import { memberLine } from "../../support/storm-builders.ts";
import { BORN_MS, draftFor } from "./builders.ts";
import { ClusterModel, type Schedule } from "./cluster-model.ts";
import { handTiming, settled } from "./feed-model.ts";
import { memberOf, openWatch, plant, plantStorm } from "./watch-bench.ts";

const NOTHING = { slots: {}, firstSeenMs: null, lastSeenMs: null, resolvedAtMs: null };
const COUNTED = { slots: { "intent-a": 3, other: 4 }, firstSeenMs: BORN_MS, lastSeenMs: BORN_MS + 9_000, resolvedAtMs: BORN_MS + 9_500 };

/** Two proxies' watches on one API server, in step with each other. */
function openTwo(schedule?: Schedule) {
  const options = { model: new ClusterModel(), time: handTiming(), ...(schedule && { schedule }) };
  const [left, right] = [openWatch(options), openWatch(options)];
  const flow = async () => {
    await left.feed.flow();
    await right.feed.flow();
  };
  return { ...options, left, right, flow };
}

describe("what a controller erased", () => {
  async function open() {
    const bench = openWatch();
    const made = plant(bench.model, "a");
    await bench.start();
    bench.model.change(made, { counted: COUNTED });
    await bench.feed.flow();
    const erase = async () => {
      bench.model.change(made, { counted: NOTHING });
      await bench.feed.flow();
    };
    return {
      ...bench,
      made,
      erase,
      counted: () => bench.model.get(made).counted,
      writes: () => bench.calls.filter((c) => c === "patchStatus"),
    };
  }

  it("is put back as it was: counts, times and whether it is resolved", async () => {
    const { erase, counted } = await open();
    await erase();
    expect(counted()).toEqual(COUNTED);
  });

  it("is put back once in 5 s, however often it is erased", async () => {
    const { feed, time, erase, counted, writes } = await open();
    for (let second = 0; second < 9; second++) {
      await erase();
      await time.pass(1_000);
    }
    expect(writes()).toHaveLength(2);
    await feed.flow();
    await time.pass(5_000);
    expect(counted()).toEqual(COUNTED);
  });

  it("is put back although the API server fails for a while", async () => {
    const { model, made, feed, time, erase, counted } = await open();
    const get = model.get.bind(model);
    let failing = true;
    model.get = (ref) => {
      if (failing) throw new ApiFailure("api-error");
      return get(ref);
    };
    await erase().catch(() => {});
    failing = false;
    model.change(made, { counted: NOTHING });
    await feed.flow();
    await time.pass(5_000);
    expect(counted()).toEqual(COUNTED);
  });

  it("is not confused with what fires again and is resolved no more", async () => {
    const { model, made, feed, time, counted, writes } = await open();
    model.change(made, { counted: { ...COUNTED, resolvedAtMs: null } });
    await feed.flow();
    await time.pass(20_000);
    expect([writes(), counted().resolvedAtMs]).toEqual([[], null]);
  });

  it("stays away where the object is gone", async () => {
    const { model, made, feed, time, writes } = await open();
    model.change(made, { counted: NOTHING });
    model.remove(made);
    await feed.flow();
    await time.pass(20_000);
    expect(writes()).toEqual([]);
  });

  it("is put back by one of two proxies; the other finds nothing to change", async () => {
    const { model, left, right, flow } = openTwo();
    const made = plant(model, "a");
    await left.start();
    await right.start();
    model.change(made, { counted: COUNTED });
    await flow();
    const before = model.changes.length;
    model.change(made, { counted: NOTHING });
    await flow();
    expect(model.changes.length - before).toBe(2);
    expect(model.get(made).counted).toEqual(COUNTED);
  });
});

describe("what a controller erased of a storm", () => {
  const lines = new Map([1, 2].map((n) => [memberId(memberOf(n)), memberLine(memberOf(n), `shop:Pod:web-${n}`)]));
  const details = new Map([2].map((n) => [memberId(memberOf(n)), { id: memberId(memberOf(n)), labels: {} }]));
  const NOBODY = { lines: new Map(), details: new Map(), closedAtMs: null, truncated: false };

  it("is put back: the members, their order, and that it takes no more; though some were listed anew meanwhile", async () => {
    const { model, feed, time, start, calls } = openWatch();
    const made = plantStorm(model, "b".repeat(32), [1]);
    await start();
    const list = (listing: Listing) => model.change(made, { storm: made.storm && { ...made.storm, listing } });
    list({ ...NOBODY, lines, details, closedAtMs: 7_000 });
    await feed.flow();
    list(NOBODY);
    await feed.flow();
    expect(model.get(made).storm?.listing).toEqual({ lines, details, closedAtMs: 7_000, truncated: false });
    const late = memberLine(memberOf(3), "late");
    await feed.flow();
    await time.pass(5_000);
    list({ ...NOBODY, lines: new Map([[memberId(memberOf(3)), late]]) });
    await feed.flow();
    expect([...(model.get(made).storm?.listing.lines.values() ?? [])]).toEqual([late, ...lines.values()]);
    await feed.flow();
    await time.pass(60_000);
    expect(calls.filter((call) => call === "patchStatus")).toHaveLength(2);
  });

  it("is nothing where only names differ, so that none is written again and again", async () => {
    const { model, feed, time, start, calls } = openWatch();
    const made = plantStorm(model, "b".repeat(32), [1]);
    await start();
    for (const name of ["shop:Pod:web-1", "shop:Pod:other"]) {
      const renamed = new Map([[memberId(memberOf(1)), memberLine(memberOf(1), name)]]);
      model.change(made, { storm: made.storm && { ...made.storm, listing: { ...NOBODY, lines: renamed } } });
      await feed.flow();
    }
    await time.pass(20_000);
    expect(calls).toEqual([]);
  });
});

describe("storms", () => {
  it("of one group are no second ones of each other, nor is an alert's own request that one holds too", async () => {
    const { model, feed, time, start, told, collisions } = openWatch();
    await start();
    const storms = ["b", "c", "d"].map((digit) => plantStorm(model, digit.repeat(32), [1]));
    model.create("shop", manifestFor(draftFor(memberOf(1), "shop"), "intent-own", "rr-own"));
    await feed.flow();
    await time.pass(60_000);
    expect([model.live().length, collisions()]).toEqual([4, 0]);
    told();
    model.remove(storms[2] as StoredRequest);
    await feed.flow();
    expect(told()).toEqual([`gone ${storms[2]?.uid}`]);
  });
});

describe("a second live request of a fingerprint", () => {
  const live = (model: ClusterModel) => model.live().map(({ name }) => name);

  async function open(change: (model: ClusterModel, first: StoredRequest, second: StoredRequest) => void = () => {}) {
    const bench = openWatch();
    await bench.start();
    const [first, second] = [plant(bench.model, "a-1"), plant(bench.model, "a-2", "kubernaut-system")];
    change(bench.model, first, second);
    await bench.feed.flow();
    bench.told();
    return { ...bench, first, second };
  }

  it("is left to its creator for 2 s, then taken back in favour of the earlier one", async () => {
    const { model, feed, time, told, second, collisions } = await open();
    await time.pass(1_999);
    expect(live(model)).toEqual(["a-1", "a-2"]);
    await time.pass(1);
    expect(live(model)).toEqual(["a-1"]);
    await feed.flow();
    expect([told(), collisions()]).toEqual([[`moved ${second.uid} to a-1`], 1]);
  });

  it("stays, and is counted once, where a controller has begun to work on it or something else made it", async () => {
    const begun = (model: ClusterModel, _: StoredRequest, second: StoredRequest) => model.change(second, { phase: "Processing" });
    const foreign = (model: ClusterModel, _: StoredRequest, second: StoredRequest) => model.change(second, { intent: null });
    for (const change of [begun, foreign]) {
      const { model, feed, time, collisions, first } = await open(change);
      await time.pass(10_000);
      model.change(first, { phase: "Processing" });
      await feed.flow();
      await time.pass(10_000);
      expect([live(model), collisions()]).toEqual([["a-1", "a-2"], 1]);
    }
  });

  it("is no second one in a namespace that no creator of the first would look into", async () => {
    const { model, feed, time, start, collisions } = openWatch();
    await start();
    plant(model, "a-1", "shop");
    plant(model, "a-2", "bank");
    await feed.flow();
    await time.pass(60_000);
    expect([live(model), collisions()]).toEqual([["a-1", "a-2"], 0]);
  });

  it("is found among a thousand, each looked at once and not with each other", async () => {
    const { model, start } = openWatch();
    for (let n = 0; n < 1_000; n++) plant(model, `a-${n}`);
    // Where each event looks at each pair, this takes longer than a test may.
    await start();
    expect(live(model)).toHaveLength(1_000);
  });

  it("is none of two that somebody made without a fingerprint", async () => {
    const { model, time, start, collisions } = openWatch();
    for (const name of ["a-1", "a-2"]) model.change(plant(model, name), { fingerprint: "", intent: null });
    await start();
    await time.pass(60_000);
    expect([live(model), collisions()]).toEqual([["a-1", "a-2"], 0]);
  });

  it("stays where the earlier one has ended, though the watch does not show it yet", async () => {
    const { model, feed, time, first, collisions } = await open();
    model.change(first, { phase: "Completed" });
    await time.pass(2_000);
    await feed.flow();
    await time.pass(60_000);
    expect([live(model), collisions()]).toEqual([["a-2"], 0]);
  });

  it("is looked at anew where it changed before it could be taken back", async () => {
    const { model, feed, time, second, collisions } = await open();
    model.change(second, { phase: "Processing" });
    await time.pass(2_000);
    expect([live(model), collisions()]).toEqual([["a-1", "a-2"], 0]);
    await feed.flow();
    await time.pass(2_000);
    expect([live(model), collisions()]).toEqual([["a-1", "a-2"], 1]);
  });

  it("is decided on alike by two proxies, so that one stays, of many too", async () => {
    const slow: Schedule = async (effect) => {
      const value = effect();
      await settled();
      return value;
    };
    const { model, left, right, flow, time } = openTwo(slow);
    await left.start();
    await right.start();
    for (let n = 1; n <= 4; n++) plant(model, `a-${n}`);
    await flow();
    await time.pass(2_000);
    for (let round = 0; round < 5; round++) await settled();
    await flow();
    expect(live(model)).toEqual(["a-1"]);
    expect(left.collisions() + right.collisions()).toBe(3);
    for (const { told } of [left, right]) expect(told().filter((line) => line.startsWith("moved"))).toHaveLength(3);
  });

  it("does not hold the watch up where somebody made hundreds", async () => {
    const { model, start, time, collisions } = openWatch();
    for (let n = 0; n < 500; n++) plant(model, `a-${n}`);
    const startedMs = performance.now();
    await start();
    expect(performance.now() - startedMs).toBeLessThan(1_000);
    await time.pass(2_000);
    for (let turn = 0; collisions() < 499 && turn < 1_000; turn++) await settled();
    expect([live(model), collisions()]).toEqual([["a-0"], 499]);
  });
});
