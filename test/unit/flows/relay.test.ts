import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Failure } from "../../../src/domain/failure.ts";
import { type Relay, startRelay } from "../../../src/flows/relay-changes.ts";
import type { Fact } from "../../../src/ports/ledger.ts";
import type { RequestChange } from "../../../src/ports/request-watch.ts";
import { fingerprint, stateOf } from "../../support/ledger-builders.ts";
import { silentLog } from "../../support/silent-log.ts";

const change = (word: string, version: string, ended = false): Extract<RequestChange, { kind: "seen" }> => ({
  kind: "seen",
  subject: fingerprint(word),
  state: stateOf(word, { resourceVersion: version, ended, session: "s1" }),
  slots: {},
  resolvedAtMs: null,
  members: 0,
});

describe("the relay", () => {
  let calls: (readonly Fact[] | string)[];
  let broken: boolean;
  /** Whose changes the ledger cannot take. */
  let odd: string | null;
  /** How long a call takes. */
  let lateMs: number;
  let session: string | null;
  let relay: Relay;
  const versions = (at: number) =>
    (calls[at] as readonly Fact[]).map((fact) => (fact.kind === "seen" ? fact.state.resourceVersion : fact.kind));

  beforeEach(() => {
    vi.useFakeTimers();
    [calls, broken, odd, lateMs, session] = [[], false, null, 0, "s1"];
    const call = async <Value>(what: readonly Fact[] | string, value: Value): Promise<Value> => {
      if (lateMs > 0) await new Promise((resolve) => setTimeout(resolve, lateMs));
      if (broken) throw new Failure("ledger-unavailable", "broken by the test", "none");
      if (typeof what !== "string" && what.some(({ subject }) => odd !== null && subject === fingerprint(odd)))
        throw new Failure("ledger-refused", "Redis answered ERR", "unknown");
      calls.push(what);
      return value;
    };
    relay = startRelay({
      ledger: { fact: (facts) => call(facts, []), heartbeat: (name) => call(name, undefined) },
      session: () => session,
      log: silentLog,
    });
  });
  afterEach(async () => {
    await relay.stop();
    vi.useRealTimers();
  });

  it("hands over a change at once", async () => {
    await vi.advanceTimersByTimeAsync(500);
    relay.tell(change("x", "1"));
    await vi.advanceTimersByTimeAsync(0);
    expect(calls).toMatchObject(["s1", [{ kind: "seen", state: { session: "s1" }, shown: { slots: {} } }]]);
  });

  it("beats each 22 seconds while there is a session, and at once for a new one", async () => {
    await vi.advanceTimersByTimeAsync(45_000);
    expect(calls).toEqual(["s1", "s1", "s1"]);
    session = "s2";
    await vi.advanceTimersByTimeAsync(1_000);
    expect(calls.at(-1)).toBe("s2");
    session = null;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(calls).toHaveLength(4);
  });

  it("does not beat while a change is unacknowledged, and loses none of it", async () => {
    await vi.advanceTimersByTimeAsync(0);
    broken = true;
    relay.tell(change("x", "1"));
    relay.tell(change("y", "2"));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(calls).toEqual(["s1"]);
    broken = false;
    await vi.advanceTimersByTimeAsync(3_000);
    expect(versions(1)).toEqual(["1", "2"]);
    expect(calls[2]).toBe("s1");
  });

  it("tells all others of a change that the ledger cannot take, keeps that one, and vouches for nothing until it is told", async () => {
    await vi.advanceTimersByTimeAsync(0);
    odd = "bad";
    for (const word of ["a", "bad", "b", "c"]) relay.tell(change(word, "1"));
    await vi.advanceTimersByTimeAsync(0);
    const told = () => calls.flatMap((call) => (typeof call === "string" ? [] : call.map(({ subject }) => subject)));
    expect(told()).toEqual(["a", "b", "c"].map(fingerprint));
    relay.tell(change("d", "1"));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(told()).toEqual(["a", "b", "c", "d"].map(fingerprint));
    expect(calls.filter((call) => call === "s1")).toHaveLength(1);
    odd = null;
    await vi.advanceTimersByTimeAsync(2_000);
    expect(told().at(-1)).toBe(fingerprint("bad"));
    expect(calls.at(-1)).toBe("s1");
  });

  it("keeps the order of a request's changes, also across a failed call, and only its last look before its end", async () => {
    await vi.advanceTimersByTimeAsync(0);
    broken = true;
    relay.tell(change("x", "1"));
    relay.tell(change("x", "2"));
    await vi.advanceTimersByTimeAsync(1_000);
    relay.tell(change("x", "3", true));
    relay.tell({ kind: "gone", subject: fingerprint("x"), uid: "uid-x-1" });
    await vi.advanceTimersByTimeAsync(1_000);
    broken = false;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(versions(1)).toEqual(["2", "3", "gone"]);
  });

  it("keeps no more of a request that changes during calls that fail, and when its end was first seen", async () => {
    await vi.advanceTimersByTimeAsync(0);
    lateMs = 50;
    broken = true;
    for (let version = 1; version <= 40; version += 1) {
      relay.tell(change("x", `${version}`));
      await vi.advanceTimersByTimeAsync(40);
    }
    relay.tell(change("x", "41", true));
    await vi.advanceTimersByTimeAsync(10_000);
    relay.tell(change("x", "42", true));
    await vi.advanceTimersByTimeAsync(40);
    broken = false;
    await vi.advanceTimersByTimeAsync(1_100);
    expect(versions(1)).toEqual(["40", "42"]);
    expect((calls[1] as readonly { readonly agoMs: number }[]).map(({ agoMs }) => agoMs >= 10_000)).toEqual([true, true]);
  });

  it("does not tell of a request that it heard of late as seen live just now", async () => {
    relay.tell({ ...change("x", "1"), late: true });
    await vi.advanceTimersByTimeAsync(0);
    expect(calls.at(-1)).toMatchObject([{ kind: "seen", agoMs: 86_400_000 }]);
  });

  it("vouches for no time in which a request went that it heard of late", async () => {
    relay.tell({ kind: "gone", subject: fingerprint("x"), uid: "uid-x-1", late: true });
    relay.tell({ kind: "gone", subject: fingerprint("y"), uid: "uid-y-1" });
    await vi.advanceTimersByTimeAsync(0);
    const gone = { kind: "gone", session: null };
    expect(calls.at(-1)).toMatchObject([gone, { ...gone, session: "s1" }]);
  });

  it("hands over many in calls of two hundred", async () => {
    for (let index = 0; index < 450; index += 1) relay.tell(change(`r${index}`, `${index}`));
    await vi.advanceTimersByTimeAsync(0);
    expect(calls.filter((call) => typeof call !== "string").map(({ length }) => length)).toEqual([200, 200, 50]);
  });
});
