import { describe, expect, it } from "vitest";
import { openWatch, plant } from "./watch-bench.ts";

describe("a watch", () => {
  it("tells what there is, then each change in its order, all under one session", async () => {
    const { model, feed, start, told, changes } = openWatch();
    const old = plant(model, "old");
    const watch = await start();
    const session = watch.session();
    expect(session).not.toBeNull();
    expect(changes[0]).toMatchObject({ kind: "seen", subject: old.fingerprint, slots: { "intent-old": 1 }, resolvedAtMs: null });
    const made = plant(model, "new", "bank", "b");
    model.change(made, { phase: "Processing" });
    model.change(made, { phase: "Completed" });
    model.remove(made);
    await feed.flow();
    expect(changes.flatMap((change) => (change.kind === "seen" ? [change.state.session] : []))).toEqual(Array(4).fill(session));
    expect(told()).toEqual(["old -", "new -", "new Processing", "new Completed", `gone ${made.uid}`]);
    expect(watch.session()).toBe(session);
  });

  it("has no session before it has listed", async () => {
    const { feed, start, told, time } = openWatch();
    feed.refusesList = "api-unreachable";
    const watch = await start();
    await time.pass(20_000);
    expect([watch.session(), told()]).toEqual([null, []]);
    feed.refusesList = null;
    await time.pass(5_000);
    expect(watch.session()).not.toBeNull();
  });

  it("goes on where it was when the server ends it, and tells nothing twice", async () => {
    const { model, feed, time, start, told } = openWatch();
    const watch = await start();
    const session = watch.session();
    const made = plant(model, "a");
    await feed.flow();
    await feed.end("ended");
    model.change(made, { phase: "Processing" });
    await time.pass(500);
    await feed.flow();
    expect(told()).toEqual(["a -", "a Processing"]);
    expect([watch.session(), feed.lists]).toEqual([session, 1]);
    expect(feed.opened.map(({ from }) => from)).toEqual([0, 1]);
  });

  it("lists all anew each ten minutes, under another session, though it has missed nothing", async () => {
    const { model, feed, time, start, told } = openWatch();
    plant(model, "a");
    const watch = await start();
    const session = watch.session();
    const halfAMinute = async () => {
      await time.pass(29_000);
      await feed.bookmark();
      await feed.end("ended");
      await time.pass(1_000);
    };
    for (let minutes = 0.5; minutes < 10; minutes += 0.5) await halfAMinute();
    expect([feed.lists, watch.session(), told()]).toEqual([1, session, ["a -"]]);
    await halfAMinute();
    await halfAMinute();
    expect([feed.lists, told()]).toEqual([2, ["a -"]]);
    expect([session, null]).not.toContain(watch.session());
  });

  it("goes on from a bookmark, though nothing changed for it", async () => {
    const { model, feed, start, time } = openWatch({ namespaces: ["shop"] });
    await start();
    plant(model, "elsewhere", "bank");
    await feed.bookmark();
    await feed.end("api-unreachable");
    await time.pass(500);
    expect(feed.opened.map(({ from }) => from)).toEqual([0, 1]);
  });

  it("keeps its session over a short outage, has none after 35 s of one, and takes it up again without a gap", async () => {
    const { model, feed, time, start, told } = openWatch();
    const watch = await start();
    const session = watch.session();
    feed.refusesWatch = "api-unreachable";
    await feed.end("api-unreachable");
    await time.pass(34_000);
    expect(watch.session()).toBe(session);
    plant(model, "a");
    await time.pass(2_000);
    expect(watch.session()).toBeNull();
    feed.refusesWatch = null;
    await time.pass(5_000);
    await feed.flow();
    expect(watch.session()).toBe(session);
    expect([told(), feed.lists]).toEqual([["a -"], 1]);
  });

  it("tells no time of an end that came while it was cut off, since nobody knows for how long the request was live", async () => {
    const { model, feed, time, start, told, changes } = openWatch();
    const [ends, goes, stays] = [plant(model, "a"), plant(model, "b", "shop", "b"), plant(model, "c", "shop", "c")];
    const watch = await start();
    const session = watch.session();
    told();
    feed.refusesWatch = "api-unreachable";
    await feed.end("api-unreachable");
    model.change(ends, { phase: "Completed" });
    model.remove(goes);
    model.change(stays, { phase: "Processing" });
    feed.refusesWatch = null;
    await time.pass(5_000);
    await feed.flow();
    model.change(stays, { phase: "Completed" });
    await feed.flow();
    expect(changes.map((change) => (change.kind === "seen" ? [change.state.session, change.late] : change))).toEqual([
      [null, true],
      { kind: "gone", subject: goes.fingerprint, uid: goes.uid, late: true },
      [session, true],
      [session, undefined],
    ]);
  });

  const met = [["the news"], ["its own timers"], ["the end of its connection"]];
  it.each(met)("tells no time of an end that came while its process was stopped, though it meets %s first then", async (first) => {
    const { model, feed, time, start, told, changes } = openWatch();
    const [ends, goes, later] = [plant(model, "a"), plant(model, "b", "shop", "b"), plant(model, "c", "shop", "c")];
    const watch = await start();
    const session = watch.session();
    model.change(later, { phase: "Processing" });
    await feed.flow();
    told();
    model.change(ends, { phase: "Completed" });
    model.remove(goes);
    time.sleep(60_000);
    if (first === "the end of its connection") await feed.end("ended");
    if (first !== "its own timers") await feed.flow();
    await time.pass(1_000);
    await feed.flow();
    model.change(later, { phase: "Completed" });
    await feed.flow();
    expect(changes.map((change) => (change.kind === "seen" ? change.state.session : change))).toEqual([
      null,
      { kind: "gone", subject: goes.fingerprint, uid: goes.uid, late: true },
      session,
    ]);
    expect([feed.lists, watch.session()]).toEqual([1, session]);
  });

  it("asks a server that is down ever more rarely, at least each 5 s, never in step with others", async () => {
    const { feed, time, start } = openWatch();
    await start();
    feed.refusesWatch = "api-unreachable";
    time.pauses.length = 0;
    await feed.end("api-unreachable");
    await time.pass(30_000);
    expect(time.pauses.slice(0, 7)).toEqual([188, 375, 750, 1_500, 3_000, 3_750, 3_750]);
  });

  it("pauses also where the server ends each watch at once", async () => {
    const { feed, time, start } = openWatch();
    await start();
    for (let n = 0; n < 100; n++) {
      await feed.end("ended");
      await time.pass(50);
    }
    expect(feed.opened.length).toBeLessThan(30);
  });

  it("has no session once it has heard nothing for 35 s, gives the connection up and opens it anew", async () => {
    const { model, feed, time, start, told } = openWatch();
    const watch = await start();
    const session = watch.session();
    plant(model, "a");
    await time.pass(34_999);
    expect([watch.session(), feed.opened.length]).toEqual([session, 1]);
    feed.refusesWatch = "timeout";
    await time.pass(2);
    expect(watch.session()).toBeNull();
    feed.refusesWatch = null;
    await time.pass(1_000);
    await feed.flow();
    expect([watch.session(), feed.opened.length, told()]).toEqual([session, 2, ["a -"]]);
  });

  it("stays on a connection that is quiet but for bookmarks", async () => {
    const { model, feed, time, start } = openWatch();
    plant(model, "a");
    const watch = await start();
    for (let minute = 0; minute < 4; minute++) {
      await time.pass(30_000);
      await feed.bookmark();
    }
    expect([watch.session() !== null, feed.opened.length]).toEqual([true, 1]);
  });

  it("stops when told to", async () => {
    const { feed, start, time } = openWatch();
    const watch = await start();
    await watch.stop();
    await time.pass(100_000);
    expect([feed.opened.length, time.waiting(), watch.session()]).toEqual([1, 0, null]);
  });
});

describe("a watch that may have missed changes", () => {
  it.each(["expired", "reply-invalid"] as const)("lists anew and tells all under a new session (%s)", async (problem) => {
    const { model, feed, time, start, told } = openWatch();
    const [stays, goes, ends] = [plant(model, "a"), plant(model, "b", "shop", "b"), plant(model, "c", "shop", "c")];
    const watch = await start();
    const session = watch.session();
    told();
    model.remove(goes);
    model.change(ends, { phase: "Completed" });
    feed.refusesList = "api-unreachable";
    await feed.end(problem);
    expect(watch.session()).toBeNull();
    feed.refusesList = null;
    await time.pass(1_000);
    expect(watch.session()).not.toBe(session);
    expect(told()).toEqual([`gone ${goes.uid}`, `${stays.name} -`, "c Completed"]);
  });

  it("lists anew where the server refuses to resume", async () => {
    const { feed, time, start } = openWatch();
    const watch = await start();
    const session = watch.session();
    feed.refusesWatch = "expired";
    await feed.end("ended");
    await time.pass(1_000);
    feed.refusesWatch = null;
    await time.pass(5_000);
    expect(watch.session()).not.toBeNull();
    expect(watch.session()).not.toBe(session);
  });

  it("lists anew where the server went back in time", async () => {
    const { model, feed, time, start } = openWatch();
    plant(model, "a");
    plant(model, "b", "shop", "b");
    await start();
    await feed.bookmark(1);
    await time.pass(1_000);
    expect(feed.lists).toBe(2);
  });

  it.each(["ended", "api-unreachable"] as const)("lists anew where the server lost what was seen and says nothing (%s)", async (how) => {
    const { model, feed, time, start } = openWatch();
    plant(model, "a");
    const watch = await start();
    const session = watch.session();
    feed.restoredTo = "0";
    await feed.end(how);
    await time.pass(1_000);
    expect([feed.lists, watch.session() === session]).toEqual([2, false]);
  });

  it("pauses ever longer where the server forgets at once what it listed", async () => {
    const { feed, start, time } = openWatch();
    feed.refusesWatch = "expired";
    await start();
    await time.pass(60_000);
    expect(feed.lists).toBeLessThan(25);
  });
});

describe("watches over several namespaces", () => {
  it("have no session until all are listed", async () => {
    const { feed, start, time } = openWatch({ namespaces: ["shop", "bank", "shop"] });
    const list = feed.list.bind(feed);
    let open = false;
    feed.list = async (namespace) => {
      if (namespace === "bank" && !open) throw new TypeError("fetch failed");
      return list(namespace);
    };
    const watch = await start();
    expect([feed.lists, watch.session()]).toEqual([1, null]);
    open = true;
    await time.pass(1_000);
    expect([feed.lists, watch.session() !== null]).toEqual([2, true]);
  });

  it("tell all of all under the new session when one of them lists anew", async () => {
    const { model, feed, start, told, time, changes } = openWatch({ namespaces: ["shop", "bank"] });
    plant(model, "a", "shop");
    plant(model, "b", "bank", "b");
    plant(model, "c", "attic", "c");
    const watch = await start();
    told();
    const inBank = feed.opened.find(({ namespace }) => namespace === "bank");
    if (inBank) inBank.ending = "expired";
    await feed.flow();
    await time.pass(1_000);
    expect(changes.map((change) => change.kind === "seen" && change.state.session)).toEqual([watch.session(), watch.session()]);
    expect(told().sort()).toEqual(["a -", "b -"]);
  });
});

describe("a request that goes", () => {
  it("was taken back if it was untouched and another of its fingerprint lives", async () => {
    const { model, feed, start, told } = openWatch();
    await start();
    const [first, second] = [plant(model, "a-1"), plant(model, "a-2")];
    model.remove(second);
    await feed.flow();
    expect(told()).toEqual(["a-1 -", "a-2 -", `moved ${second.uid} to ${first.name}`]);
  });

  it("is gone where a controller had begun to work on it, or nothing else of its fingerprint lives", async () => {
    const { model, feed, start, told } = openWatch();
    await start();
    const [first, second] = [plant(model, "a-1"), plant(model, "a-2")];
    model.change(second, { phase: "Processing" });
    model.remove(second);
    model.remove(first);
    await feed.flow();
    expect(told().slice(3)).toEqual([`gone ${second.uid}`, `gone ${first.uid}`]);
  });

  it("was taken back also where only a new list shows it", async () => {
    const { model, feed, time, start, told } = openWatch();
    const [first, second] = [plant(model, "a-1"), plant(model, "a-2")];
    await start();
    told();
    model.remove(second);
    await feed.end("expired");
    await time.pass(1_000);
    expect(told()).toEqual([`moved ${second.uid} to ${first.name}`, "a-1 -"]);
  });
});
