import { describe, expect, it } from "vitest";
import { createKubernetesWriter } from "../../../src/adapters/kubernetes/remediation-writer.ts";
import type { RequestApi } from "../../../src/adapters/kubernetes/request-api.ts";
import { silentLog } from "../../support/silent-log.ts";
import { ensureOf, FALLBACK, fingerprintOf, recordOf } from "./builders.ts";
import { modelApi } from "./cluster-model.ts";
import { settled } from "./feed-model.ts";
import { openWatch, plant } from "./watch-bench.ts";

const fingerprint = fingerprintOf("a");

/** A writer with a watch that shows a change only when the test lets it flow, unless `live`. */
async function open({ live = true, over = (): Partial<RequestApi> => ({}) } = {}) {
  const bench = openWatch();
  const { model, feed, time, watcher } = bench;
  const calls: (keyof RequestApi)[] = [];
  const api = modelApi(model, async (effect, call) => {
    calls.push(call);
    const value = effect();
    if (live) await feed.flow();
    return value;
  });
  const options = {
    view: watcher.view,
    timing: time.timing,
    fallbackNamespace: FALLBACK,
    namespaces: [],
    slot: "direct-test",
    onCollision() {},
    log: silentLog,
  };
  const writer = createKubernetesWriter({ api: { ...api, ...over() }, ...options });
  const watch = await bench.start();
  const perform = async (operation: Parameters<typeof writer.perform>[0][number]) => (await writer.perform([operation], 4_000))[0];
  const ensure = (intent: string, retry = false) => perform(ensureOf(fingerprint, intent, "shop", retry));
  return { ...bench, watch, calls, perform, ensure };
}

describe("the first try of an ensure", () => {
  it("asks the watch alone where nobody is there before it, and names its session", async () => {
    const { watch, calls, ensure } = await open();
    const session = watch.session();
    expect(await ensure("intent-a")).toMatchObject({ kind: "created", state: { session } });
    expect(calls).toEqual(["create"]);
    expect(await ensure("intent-b")).toMatchObject({ kind: "existing", state: { intent: "intent-a", session }, takenBack: [] });
    expect(calls).toEqual(["create", "list", "list"]);
  });

  it("leaves no alert to a request that has ended behind the watch's back", async () => {
    const { model, feed, ensure } = await open({ live: false });
    const former = plant(model, "former");
    await feed.flow();
    model.change(former, { phase: "Completed" });
    const result = ensure("intent-a", false);
    await settled();
    await feed.flow();
    expect(await result).toMatchObject({ kind: "created", state: { intent: "intent-a" } });
  });

  it("asks the API server while the watch is not in step, and names no session", async () => {
    const { feed, time, calls, ensure } = await open();
    feed.refusesWatch = "api-unreachable";
    await time.pass(36_000);
    expect(await ensure("intent-a")).toMatchObject({ kind: "created", state: { session: null } });
    expect(calls).toEqual(["list", "list", "create", "list", "list"]);
  });

  it("looks once more at the API server where the watch does not show its object within a second", async () => {
    const { model, time, calls, ensure } = await open({ live: false });
    const result = ensure("intent-a");
    await settled();
    const earlier = plant(model, "earlier");
    await time.pass(1_000);
    await time.pass(1_000);
    expect(await result).toMatchObject({ kind: "existing", state: { uid: earlier.uid } });
    expect(calls.slice(0, 4)).toEqual(["create", "list", "list", "delete"]);
  });

  it("tells of somebody else's object that has the name it would have had, and takes another name", async () => {
    const { model, time, ensure } = await open();
    const name = `rr-${fingerprint.slice(0, 32)}-1`;
    const foreign = plant(model, name, "shop", "b");
    const result = ensure("intent-a");
    await settled();
    await time.pass(1_000);
    expect(await result).toMatchObject({ kind: "created", state: { name: name.replace(/1$/, "2") }, takenBack: [foreign.uid] });
  });

  it("asks the API server once it met somebody else's name", async () => {
    const { model, time, calls, ensure } = await open({ live: false });
    const other = plant(model, `rr-${fingerprint.slice(0, 32)}-1`);
    const result = ensure("intent-a");
    await settled();
    await time.pass(1_000);
    expect(await result).toMatchObject({ kind: "existing", state: { uid: other.uid } });
    expect(calls).toEqual(["create", "list", "list"]);
  });

  it("names what it made and took back again", async () => {
    const { model, time, ensure } = await open({ live: false });
    const result = ensure("intent-a");
    await settled();
    const [own] = model.live();
    plant(model, "earlier");
    await time.pass(1_000);
    await time.pass(1_000);
    expect(await result).toMatchObject({ kind: "existing", takenBack: [own?.uid] });
  });
});

describe("a later try of an ensure", () => {
  it("asks the API server, whatever the watch shows", async () => {
    const { model, calls, ensure } = await open({ live: false });
    const made = plant(model, "made-by-the-first-try");
    expect(await ensure(`intent-${made.name}`, true)).toMatchObject({ kind: "created", state: { uid: made.uid } });
    expect(calls).toEqual(["list", "list", "list", "list"]);
  });
});

describe("what is known of an object", () => {
  it("names the session that will tell of its changes, and none once it was seen to go", async () => {
    const { model, feed, watch, perform, time } = await open({ live: false });
    const made = plant(model, "a");
    await feed.flow();
    const session = watch.session();
    expect(await perform({ kind: "observe", request: made })).toMatchObject({ kind: "observed", state: { session } });
    expect(await perform(recordOf(made, "intent-a", 2))).toMatchObject({ kind: "recorded", state: { session } });
    feed.refusesWatch = "api-unreachable";
    await time.pass(36_000);
    expect(await perform({ kind: "observe", request: made })).toMatchObject({ kind: "observed", state: { session: null } });
  });

  it("is put back by the next count, with what others counted", async () => {
    const { model, feed, perform } = await open({ live: false });
    const made = plant(model, "a");
    const erased = { slots: {}, firstSeenMs: null, lastSeenMs: null, resolvedAtMs: null };
    model.change(made, { counted: { ...erased, slots: { "intent-a": 5, "intent-b": 2 } } });
    await feed.flow();
    model.change(made, { counted: erased });
    await perform(recordOf(made, "intent-b", 3));
    expect(model.get(made).counted.slots).toEqual({ "intent-a": 5, "intent-b": 3 });
  });
});
