import { beforeEach, describe, expect, it } from "vitest";
import { Failure } from "../../../src/domain/failure.ts";
import type { Breaker, Caller } from "../../../src/resilience/breaker.ts";
import { guardLedger, guardWriter } from "../../../src/resilience/guard.ts";
import { openEmbeddedLedger } from "../../support/embedded-ledger.ts";
import { call, firing, RULES } from "../../support/ledger-builders.ts";
import { createMemoryRemediationWriter } from "../../support/memory-writer.ts";
import { ensureOf, fingerprintOf } from "../kubernetes/builders.ts";

let callers: Caller[];
let turnsAway: boolean;
let notes: boolean[];
const breaker: Breaker = {
  run(caller, work) {
    callers.push(caller);
    return turnsAway ? Promise.reject(new Failure("ledger-unavailable", "turned away", "none")) : work();
  },
  state: () => "closed",
};
const note = (works: boolean) => void notes.push(works);

beforeEach(() => {
  [callers, notes, turnsAway] = [[], [], false];
});

describe("a guarded port", () => {
  it("does what the ledger does, each call by way of the breaker", async () => {
    const ledger = openEmbeddedLedger(RULES, () => 1);
    const guarded = guardLedger(ledger, breaker, "probe", note);
    expect(Object.keys(guarded)).toEqual(Object.keys(ledger));
    expect(await guarded.admit(call([firing("x")]))).toMatchObject([{ kind: "ensure" }]);
    expect(await guarded.counters()).toEqual(await ledger.counters());
    expect(callers).toEqual(["probe", "probe"]);
  });

  it("does what the writer does", async () => {
    const guarded = guardWriter(createMemoryRemediationWriter(), breaker, "sender", note);
    expect(await guarded.perform([ensureOf(fingerprintOf("a"), "intent-a")], 1_000)).toMatchObject([{ kind: "created" }]);
    expect(callers).toEqual(["sender"]);
  });

  it("tells how each call went, also one that was turned away", async () => {
    const writer = createMemoryRemediationWriter();
    const guarded = guardWriter(writer, breaker, "sender", note);
    await guarded.perform([], 1_000);
    writer.break("unreachable");
    await expect(guarded.perform([], 1_000)).rejects.toThrow(Failure);
    writer.break(null);
    turnsAway = true;
    await expect(guarded.perform([], 1_000)).rejects.toMatchObject({ effect: "none" });
    expect(notes).toEqual([true, false, false]);
  });
});
