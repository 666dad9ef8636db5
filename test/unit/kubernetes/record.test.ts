import { describe, expect, it } from "vitest";
import { ApiFailure } from "../../../src/adapters/kubernetes/api-failure.ts";
import { manifestFor, stormManifest } from "../../../src/adapters/kubernetes/manifest.ts";
import { jsonBytes, OBJECT_BYTES_MAX, STORM_SPEC_BYTES_MAX } from "../../../src/adapters/kubernetes/object-size.ts";
import { record } from "../../../src/adapters/kubernetes/record.ts";
import type { RequestApi } from "../../../src/adapters/kubernetes/request-api.ts";
import { NO_VIEW } from "../../../src/adapters/kubernetes/request-view.ts";
import type { StoredRequest } from "../../../src/adapters/kubernetes/stored-request.ts";
import { hasMember } from "../../../src/adapters/kubernetes/stored-storm.ts";
import { type MemberDetails, memberId, STORM_MEMBERS_MAX, stormSpec } from "../../../src/domain/storm-draft.ts";
import { memberLine } from "../../support/storm-builders.ts";
import { BORN_MS, draftFor, fingerprintOf, recordOf, stillTiming, stormDraftOf } from "./builders.ts";
import { ClusterModel, modelApi } from "./cluster-model.ts";
import { memberOf } from "./watch-bench.ts";

function open(intent = "intent-a") {
  const model = new ClusterModel();
  const manifest = manifestFor(draftFor(fingerprintOf("a"), "shop"), intent, "rr-a-1");
  const request = model.create("shop", manifest);
  const timing = stillTiming();
  const calls: string[] = [];
  const api = modelApi(model, async (effect, call) => {
    calls.push(call);
    return effect();
  });
  /** What a watch shows, if there is one. */
  const watched: { request: StoredRequest | null } = { request: null };
  const perform = (slot: string, count: number, seen = {}, over: Partial<RequestApi> = {}, withinMs = 4_000) =>
    record(
      recordOf(request, slot, count, seen),
      { api: { ...api, ...over }, view: { ...NO_VIEW, shown: () => watched.request } },
      { ...timing, deadlineMs: timing.clock.now() + withinMs },
    );
  return { model, request, watched, timing, calls, api, perform, slots: () => model.get(request).counted.slots };
}

describe("record", () => {
  it("loses neither of two writers that come between each other", async () => {
    const { perform, api, slots } = open();
    let disturbed = false;
    const patchStatus: RequestApi["patchStatus"] = async (request, patch) => {
      if (!disturbed) {
        disturbed = true;
        await perform("intent-b", 4);
      }
      return api.patchStatus(request, patch);
    };
    expect(await perform("intent-a", 3, {}, { patchStatus })).not.toBeNull();
    expect(slots()).toEqual({ "intent-a": 3, "intent-b": 4 });
  });

  it("reads nothing where a watch shows the object, and writes on the version it shows", async () => {
    const { perform, watched, model, request, calls, slots } = open();
    watched.request = model.get(request);
    await perform("intent-a", 3);
    expect(calls).toEqual(["patchStatus"]);
    expect(slots()).toEqual({ "intent-a": 3 });
  });

  it("loses nothing to a watch that lags: its version is refused, and the next look is at the server", async () => {
    const { perform, watched, model, request, calls, slots } = open();
    watched.request = model.get(request);
    await perform("intent-b", 4);
    await perform("intent-a", 3);
    expect(calls).toEqual(["patchStatus", "patchStatus", "get", "patchStatus"]);
    expect(slots()).toEqual({ "intent-a": 3, "intent-b": 4 });
  });

  it("goes on through a storm of conflicts with growing pauses, until the deadline", async () => {
    const { perform, timing } = open();
    const conflict = { patchStatus: async () => Promise.reject(new ApiFailure("conflict")) };
    await expect(perform("intent-a", 3, {}, conflict)).rejects.toMatchObject({ problem: "conflict" });
    expect(timing.pauses.slice(0, 4)).toEqual([13, 25, 50, 100]);
    expect(timing.clock.now()).toBeLessThan(BORN_MS + 4_000);
    expect(timing.clock.now()).toBeGreaterThan(BORN_MS + 3_000);
  });

  it("waits as long as the server asks when there is too much traffic, if the deadline allows", async () => {
    const { perform, api, timing, slots } = open();
    let turnedAway = 1;
    const get: RequestApi["get"] = (ref) => (turnedAway-- > 0 ? Promise.reject(new ApiFailure("throttled", 2_000)) : api.get(ref));
    await perform("intent-a", 3, {}, { get });
    expect(timing.pauses).toEqual([2_000]);
    expect(slots()).toEqual({ "intent-a": 3 });
    turnedAway = 1;
    await expect(perform("intent-a", 4, {}, { get }, 1_500)).rejects.toMatchObject({ problem: "throttled" });
  });

  it("writes nothing where nothing would change", async () => {
    const { perform, calls } = open();
    await perform("intent-a", 1, { lastSeenMs: BORN_MS });
    expect(calls).toEqual(["get"]);
    await perform("intent-b", 2);
    await perform("intent-b", 2);
    await perform("intent-b", 1);
    expect(calls.filter((call) => call === "patchStatus")).toHaveLength(1);
  });

  it("ends as gone where the object goes between the look and the write", async () => {
    const { perform, model, api, request } = open();
    const patchStatus: RequestApi["patchStatus"] = (...patch) => {
      model.remove(request);
      return api.patchStatus(...patch);
    };
    expect(await perform("intent-a", 3, {}, { patchStatus })).toBeNull();
  });

  it("never writes on another object of the same name", async () => {
    const { perform, model, request } = open();
    model.remove(request);
    const next = model.create("shop", manifestFor(draftFor(fingerprintOf("a"), "shop"), "intent-b", "rr-a-1"));
    expect(await perform("intent-a", 500)).toBeNull();
    expect(model.get(request)).toEqual(next);
  });

  it("brings its own count back after a controller erased what it does not know", async () => {
    const { perform, model, request, slots } = open();
    await perform("intent-a", 5);
    model.change(request, { counted: { slots: {}, firstSeenMs: null, lastSeenMs: null, resolvedAtMs: null } });
    await perform("intent-a", 5);
    expect(slots()).toEqual({ "intent-a": 5 });
  });

  it("takes the number in spec for what a foreign creator counted", async () => {
    const { perform, model, request, slots } = open();
    model.change(request, { intent: null, born: { occurrences: 7, firstSeenMs: BORN_MS, lastSeenMs: BORN_MS } });
    await perform("intent-b", 2);
    expect(slots()).toEqual({ spec: 7, "intent-b": 2 });
  });
});

describe("record of a storm's members", () => {
  const numbers = Array.from({ length: STORM_MEMBERS_MAX }, (_, n) => n);

  async function openStorm(made: readonly number[] = numbers) {
    const model = new ClusterModel();
    const draft = stormDraftOf(fingerprintOf("a"), "b".repeat(32), made.map(memberOf));
    const spec = stormSpec({ ...draft, base: { ...draft.base, originalPayload: "e30=".repeat(5_000) } }, STORM_SPEC_BYTES_MAX);
    const manifest = stormManifest(draft, spec, "intent-a");
    const request = model.create("shop", manifest);
    const timing = stillTiming();
    const calls: string[] = [];
    const api = modelApi(model, async (effect, call) => {
      calls.push(call);
      return effect();
    });
    const list = (members: readonly string[], closedAtMs: number | null = null, details: readonly MemberDetails[] = []) =>
      record(
        recordOf(request, "intent-a", 1, { lastSeenMs: BORN_MS, storm: { members, details, closedAtMs } }),
        { api, view: NO_VIEW },
        { ...timing, deadlineMs: timing.clock.now() + 4_000 },
      );
    return { model, request, manifest, list, calls };
  }

  it("keeps the whole object below 512 KiB with as many as there may be, and finds each of them by its id", async () => {
    const { model, request, manifest, list } = await openStorm();
    for (let from = 0; from < numbers.length; from += 2_000)
      await list(
        numbers.slice(from, from + 2_000).map((n) => memberLine(memberOf(n), `production-eu-1:Pod:checkout-${n}-7d9f8b6c5-x2v4z`)),
      );
    const { storm } = model.get(request);
    const texts = [...(storm?.listing.lines.values() ?? [])];
    expect(texts.map((text) => text.slice(0, 16))).toEqual(numbers.map((n) => memberId(memberOf(n))));
    expect(storm?.listing.truncated).toBe(true);
    const bytes = jsonBytes({ ...manifest, status: { storm: { alertCount: 10_000, members: texts, closedAt: null, truncated: true } } });
    expect(bytes).toBeLessThan(OBJECT_BYTES_MAX);
    expect(jsonBytes(manifest)).toBeGreaterThan(STORM_SPEC_BYTES_MAX - 8_192);
    expect(numbers.every((n) => storm && hasMember(storm, memberId(memberOf(n))))).toBe(true);
  });

  it("keeps it below that with what late ones tell, and says whether all of it is there", async () => {
    const { model, request, manifest, list } = await openStorm([0, 1, 2]);
    const late = (n: number): MemberDetails => ({
      ...{ id: memberId(memberOf(n)), severity: "warning", startsAt: new Date(BORN_MS).toISOString() },
      ...{ labels: { pod: `checkout-${n}` }, annotations: { text: "é".repeat(200) } },
    });
    const join = (from: number, to: number) => {
      const joining = numbers.slice(from, to);
      return list(
        joining.map((n) => memberLine(memberOf(n), `production-eu-1:Pod:checkout-${n}-7d9f8b6c5-x2v4z`)),
        null,
        joining.map(late),
      );
    };
    const listing = () => model.get(request).storm?.listing;
    await join(0, 300);
    expect([listing()?.details.size, listing()?.truncated]).toEqual([297, false]);
    for (let from = 300; from < STORM_MEMBERS_MAX; from += 1_940) await join(from, from + 1_940);
    const { lines = new Map(), details = new Map(), truncated } = listing() ?? {};
    const storm = { alertCount: 10_000, members: [...lines.values()], details: [...details.values()], closedAt: null, truncated };
    expect(jsonBytes({ ...manifest, status: { storm } })).toBeLessThan(OBJECT_BYTES_MAX);
    expect([lines.size, truncated]).toEqual([STORM_MEMBERS_MAX, true]);
    expect(details.size).toBeGreaterThan(300);
  });

  it("writes nothing where all that is told is listed and closed already", async () => {
    const { list, calls } = await openStorm();
    const told = [1, 2, 3].map((n) => memberLine(memberOf(n), "shop:Pod:web"));
    await list(told, BORN_MS);
    await list(told.slice(1), BORN_MS + 1);
    await list([], null);
    expect(calls.filter((call) => call === "patchStatus")).toHaveLength(1);
  });
});
