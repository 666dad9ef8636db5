import { describe, expect, it } from "vitest";
import { settled } from "./feed-model.ts";
import { openWatch, plant } from "./watch-bench.ts";

const names = (requests: readonly { name: string }[] | null) => requests?.map(({ name }) => name) ?? null;

describe("what a watch shows to writers", () => {
  it("is a namespace's requests of a fingerprint, once it is in step and while it hears of the server", async () => {
    const { model, feed, time, watcher, start } = openWatch();
    const { fingerprint } = plant(model, "a-1");
    plant(model, "a-2", "bank");
    plant(model, "b-1", "shop", "b");
    expect(watcher.view.list("shop", [fingerprint])).toBeNull();
    await start();
    expect(names(watcher.view.list("shop", [fingerprint]))).toEqual(["a-1"]);
    expect(names(watcher.view.list("attic", [fingerprint]))).toEqual([]);
    feed.refusesWatch = "api-unreachable";
    await time.pass(36_000);
    expect(watcher.view.list("shop", [fingerprint])).toBeNull();
  });

  it("is nothing of a namespace that it does not watch", async () => {
    const { model, watcher, start } = openWatch({ namespaces: ["shop"] });
    const made = plant(model, "a", "bank");
    await start();
    expect(watcher.view.list("bank", [made.fingerprint])).toBeNull();
    expect(await watcher.view.listSince(made, "bank")).toBeNull();
    expect(watcher.view.sessionOf(made)).toBeNull();
  });

  it("waits to be as new as an object, and gives up after a second", async () => {
    const { model, feed, time, watcher, start } = openWatch();
    await start();
    const made = plant(model, "a");
    const inTime = watcher.view.listSince(made, "shop");
    await time.pass(900);
    await feed.flow();
    expect(names(await inTime)).toEqual(["a"]);
    model.change(made, { phase: "Processing" });
    const late = watcher.view.listSince(model.get(made), "shop");
    await time.pass(1_000);
    expect(await late).toBeNull();
    expect(time.waiting()).toBe(1);
  });

  it("is not waited for in another namespace, which an object's own changes never move", async () => {
    const { model, feed, watcher, start } = openWatch({ namespaces: ["shop", "bank"] });
    await start();
    const made = plant(model, "a");
    await feed.flow();
    expect(names(await watcher.view.listSince(made, "shop"))).toEqual(["a"]);
    expect(await watcher.view.listSince(made, "bank")).toBeNull();
    await feed.bookmark();
    expect(names(await watcher.view.listSince(made, "bank"))).toEqual([]);
  });

  it("names the session for what it will tell more of, and none for what it saw go", async () => {
    const { model, feed, watcher, start } = openWatch();
    const watch = await start();
    const made = plant(model, "a");
    expect(watcher.view.sessionOf(made)).toBe(watch.session());
    await feed.flow();
    expect(watcher.view.sessionOf(made)).toBe(watch.session());
    model.remove(made);
    await feed.flow();
    expect(watcher.view.sessionOf(made)).toBeNull();
  });

  it("remembers the most that an object counted, until that is gone", async () => {
    const { model, feed, watcher, start } = openWatch();
    await start();
    const made = plant(model, "a");
    const count = (slots: Record<string, number>) =>
      model.change(made, { counted: { slots, firstSeenMs: null, lastSeenMs: null, resolvedAtMs: null } });
    count({ "intent-a": 5 });
    count({ "intent-b": 2 });
    await feed.flow();
    await settled();
    expect(watcher.view.remembered(made.uid)?.slots).toEqual({ "intent-a": 5, "intent-b": 2 });
    model.remove(made);
    await feed.flow();
    expect(watcher.view.remembered(made.uid)).toBeNull();
  });
});
