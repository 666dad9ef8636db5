import { describe, expect, it } from "vitest";
import { ApiFailure } from "../../../src/adapters/kubernetes/api-failure.ts";
import { createKubernetesWriter } from "../../../src/adapters/kubernetes/remediation-writer.ts";
import type { RequestApi } from "../../../src/adapters/kubernetes/request-api.ts";
import { NO_VIEW } from "../../../src/adapters/kubernetes/request-view.ts";
import { memberId, stormName } from "../../../src/domain/storm-draft.ts";
import type { EnsureStormOperation, Operation } from "../../../src/ports/remediation-writer.ts";
import { silentLog } from "../../support/silent-log.ts";
import { memberLine } from "../../support/storm-builders.ts";
import { draftFor, ensureOf, ensureStormOf, FALLBACK, fingerprintOf, recordOf, stillTiming } from "./builders.ts";
import { ClusterModel, modelApi } from "./cluster-model.ts";
import { settled } from "./feed-model.ts";
import { memberOf, openWatch, plantStorm } from "./watch-bench.ts";

const GROUP = fingerprintOf("a");
const WINDOW = "b".repeat(32);
const OTHER = "c".repeat(32);
const NOTHING_OPEN = { youngerThanMs: 1, fewerThan: 0, exceptUids: [] };
const storm = (window = WINDOW, members = [1, 2, 3], over: Partial<EnsureStormOperation> = {}) =>
  ensureStormOf(GROUP, window, members.map(memberOf), "shop", over);

function open(over: (api: RequestApi, model: ClusterModel) => Partial<RequestApi> = () => ({}), namespaces: readonly string[] = []) {
  const model = new ClusterModel();
  const timing = stillTiming();
  const calls: (keyof RequestApi)[] = [];
  const api = modelApi(model, async (effect, call) => {
    calls.push(call);
    return effect();
  });
  let collisions = 0;
  const options = {
    view: NO_VIEW,
    timing,
    fallbackNamespace: FALLBACK,
    namespaces,
    slot: "direct-test",
    onCollision: () => collisions++,
    log: silentLog,
  };
  const writer = createKubernetesWriter({ api: { ...api, ...over(api, model) }, ...options });
  const one = async (operation: Operation) => (await writer.perform([operation], 4_000))[0];
  return { model, one, timing, calls, collisions: () => collisions };
}

describe("an ensure of a storm", () => {
  it("makes its object in the fallback namespace while its own is missing or going away, and finds it there later", async () => {
    for (const state of ["missing", "terminating"] as const) {
      const { model, one } = open();
      model.setNamespace("shop", state);
      expect(await one(storm())).toMatchObject({ kind: "storm-created", state: { namespace: FALLBACK } });
      model.setNamespace("shop", "present");
      expect(await one(storm())).toMatchObject({ kind: "storm-created", state: { namespace: FALLBACK } });
      expect(await one(storm(OTHER, [4]))).toMatchObject({ kind: "storm-adopted", state: { namespace: FALLBACK } });
    }
  });

  it("takes its object back where another made one for the window in the other namespace meanwhile", async () => {
    const { model, one, collisions } = open((api, model) => ({
      create: async (namespace, manifest) => {
        if (namespace === "shop") model.create(FALLBACK, manifest);
        return api.create(namespace, manifest);
      },
    }));
    expect(await one(storm())).toMatchObject({ kind: "storm-created", state: { namespace: FALLBACK } });
    expect([model.live().length, collisions()]).toEqual([1, 1]);
  });

  it("finds its object after the answer to the creation was lost, or somebody else was quicker", async () => {
    let isLost = false;
    const { model, one } = open((api) => ({
      create: async (namespace, manifest) => {
        const created = await api.create(namespace, manifest);
        if (isLost) return created;
        isLost = true;
        throw new ApiFailure("timeout");
      },
    }));
    expect(await one(storm())).toEqual({ kind: "failed", reason: "timeout" });
    expect(await one(storm())).toMatchObject({ kind: "storm-created", state: { name: stormName(WINDOW) } });
    const quick = open((api) => ({
      create: async (namespace, manifest) => {
        await api.create(namespace, manifest);
        return api.create(namespace, manifest);
      },
    }));
    expect(await quick.one(storm())).toMatchObject({ kind: "storm-created", state: { name: stormName(WINDOW) } });
    expect([model.live().length, quick.model.live().length]).toEqual([1, 1]);
  });

  it("gives up after four rounds where the name is taken by what no list shows", async () => {
    let creations = 0;
    const { one, timing } = open(() => ({
      create: () => {
        creations++;
        return Promise.reject(new ApiFailure("already-exists"));
      },
    }));
    expect(await one(storm())).toEqual({ kind: "failed", reason: "contended" });
    expect([creations, timing.pauses.length]).toEqual([4, 3]);
  });

  it("takes an object of the window that is being deleted for ended, and makes no second one beside it", async () => {
    const { model, one } = open();
    await one(storm());
    model.change({ namespace: "shop", name: stormName(WINDOW) }, { deletedAtMs: 1 });
    expect(await one(storm())).toMatchObject({ kind: "storm-created", state: { ended: true } });
    expect(model.objects.size).toBe(1);
  });

  it("adopts the oldest of several, wherever that is", async () => {
    const { model, one } = open();
    const [first] = [plantStorm(model, WINDOW, [1], FALLBACK), plantStorm(model, OTHER, [2])];
    expect(await one(storm("d".repeat(32), [3]))).toMatchObject({ kind: "storm-adopted", state: { uid: first?.uid } });
  });

  it("adopts no storm that something else named: nobody could tell its window", async () => {
    const { model, one } = open();
    plantStorm(model, WINDOW, [1]);
    model.change({ namespace: "shop", name: stormName(WINDOW) }, {});
    const foreign = model.get({ namespace: "shop", name: stormName(WINDOW) });
    model.change(foreign, { storm: foreign.storm && { ...foreign.storm, window: null } });
    expect(await one(storm(OTHER, [2]))).toMatchObject({ kind: "storm-created", state: { name: stormName(OTHER) } });
  });

  it("is refused where it would be too large for etcd, and outside the allowed namespaces", async () => {
    const { one } = open();
    const large = storm();
    const base = { ...large.storm.base, signalLabels: { text: "x".repeat(600_000) } };
    expect(await one({ ...large, storm: { ...large.storm, base } })).toEqual({ kind: "refused", reason: "too-large" });
    expect(await open(() => ({}), ["bank"]).one(storm())).toEqual({ kind: "refused", reason: "namespace-not-allowed" });
  });

  it("names a member's own request before a storm that holds it too", async () => {
    const { model, one } = open();
    const before = plantStorm(model, OTHER, [1, 2]);
    const { state: own } = (await one(ensureOf(memberOf(3), "intent-own"))) as { state: { uid: string } };
    const { spec } = draftFor(memberOf(1), "shop");
    const foreign = model.create("shop", { metadata: { name: "foreign", labels: {}, annotations: {} }, spec });
    expect(await one(storm(WINDOW, [1, 2, 3, 4], { adopt: NOTHING_OPEN }))).toMatchObject({
      kind: "storm-created",
      held: [{ state: { uid: foreign.uid } }, { state: { uid: before.uid } }, { state: { uid: own.uid } }],
    });
  });
});

describe("the ensure of an alert that a storm holds", () => {
  it("takes its own object back where the storm was made meanwhile", async () => {
    const { model, one, collisions } = open((api, model) => ({
      create: async (namespace, manifest) => {
        plantStorm(model, WINDOW, [1]);
        return api.create(namespace, manifest);
      },
    }));
    expect(await one(ensureOf(memberOf(1), "intent-x"))).toMatchObject({
      kind: "existing",
      state: { name: stormName(WINDOW), session: null },
      takenBack: ["uid-2"],
    });
    expect([model.live().length, collisions()]).toEqual([1, 1]);
  });
});

/** A writer whose watch shows a change only when the test lets it flow. */
async function openWatched() {
  const bench = openWatch();
  const calls: (keyof RequestApi)[] = [];
  const api = modelApi(bench.model, async (effect, call) => {
    calls.push(call);
    return effect();
  });
  const options = {
    view: bench.watcher.view,
    timing: bench.time.timing,
    fallbackNamespace: FALLBACK,
    namespaces: [],
    slot: "direct-test",
    onCollision() {},
    log: silentLog,
  };
  const writer = createKubernetesWriter({ api, ...options });
  await bench.start();
  const one = async (operation: Operation) => (await writer.perform([operation], 4_000))[0];
  return { ...bench, calls, one };
}

describe("a watch that is in step", () => {
  it("answers first tries that find their own or nobody alone, and none that meet others or come again", async () => {
    const { model, feed, calls, one } = await openWatched();
    const made = plantStorm(model, WINDOW, [1, 2]);
    await feed.flow();
    expect(await one(storm())).toMatchObject({ kind: "storm-created", state: { uid: made.uid } });
    expect(calls).toEqual([]);
    expect(await one(storm(OTHER))).toMatchObject({ kind: "storm-adopted", state: { uid: made.uid }, members: 2 });
    expect(await one(ensureOf(memberOf(2), "intent-x"))).toMatchObject({ kind: "existing", state: { uid: made.uid, session: null } });
    expect(await one(storm(OTHER, [1, 2], { adopt: NOTHING_OPEN }))).toMatchObject({ kind: "storm-held" });
    expect(calls.splice(0)).toEqual(Array(6).fill("list"));
    await one(storm(WINDOW, [1, 2], { retry: true }));
    expect(calls).toEqual(["list", "list"]);
  });

  it("leaves no member to a request that has ended behind its back", async () => {
    const { model, feed, one } = await openWatched();
    const made = plantStorm(model, WINDOW, [1, 2]);
    await feed.flow();
    model.change(made, { phase: "Completed" });
    const result = one(storm(OTHER));
    await settled();
    await feed.flow();
    expect(await result).toMatchObject({ kind: "storm-created", held: [] });
  });

  it("remembers who was in a storm, and that it takes no more, while a controller's erasure is not yet put right", async () => {
    const { model, feed, one } = await openWatched();
    const made = plantStorm(model, WINDOW, [1]);
    await one(recordOf(made, "slot", 2, { storm: { members: [memberLine(memberOf(9), "shop:Pod:late")], closedAtMs: 5 } }));
    await feed.flow();
    const nothing = { lines: new Map(), details: new Map(), closedAtMs: null, truncated: false };
    model.change(made, { storm: made.storm && { ...made.storm, listing: nothing } });
    for (const retry of [false, true]) {
      expect(await one(ensureOf(memberOf(9), "intent-x", "shop", retry))).toMatchObject({ kind: "existing", state: { uid: made.uid } });
      expect(await one(storm(OTHER, [9], { retry }))).toMatchObject({ kind: "storm-held", held: [{ state: { uid: made.uid } }] });
    }
    expect(memberId(memberOf(9))).not.toBe(memberId(memberOf(1)));
  });

  it("reads once whom a storm was made of, however often it changes", async () => {
    const { model, feed, watcher } = await openWatched();
    const made = plantStorm(model, WINDOW, [1]);
    await feed.flow();
    const reader = () => watcher.view.shown(made.uid)?.storm?.made;
    const first = reader();
    const again = () => {
      throw new Error("read again");
    };
    model.change(made, { phase: "Processing", storm: made.storm && { ...made.storm, made: again } });
    await feed.flow();
    expect([reader() === first, watcher.view.shown(made.uid)?.phase]).toEqual([true, "Processing"]);
  });

  it("finds the storms of an alert, until they are gone, by its id", async () => {
    const { model, feed, watcher } = await openWatched();
    const made = plantStorm(model, WINDOW, [1, 2]);
    await feed.flow();
    const found = () => watcher.view.list("shop", [memberOf(2)])?.map(({ uid }) => uid);
    expect([found(), watcher.view.list("bank", [memberOf(2)])]).toEqual([[made.uid], []]);
    model.remove(made);
    await feed.flow();
    expect(found()).toEqual([]);
  });
});
