import { beforeEach, describe, expect, it } from "vitest";
import type { Priority, Severity } from "../../src/domain/remediation-request.ts";
import type { AdmitAlert, LeasedCount } from "../../src/ports/ledger.ts";
import { draft, ensured, firing, resolved, seen } from "../support/ledger-builders.ts";
import { held, stormEnsured, stormSeen, stormy } from "../support/storm-builders.ts";
import { intentOf, type OpenLedger } from "./ledger-bench.ts";
import { openStormBench, type StormBench } from "./ledger-storm-bench.ts";

const urgencyOf = (severity: Severity, priority: Priority) => ({ severity, priority });
const CRITICAL = urgencyOf("critical", "P1");
const WARNING = urgencyOf("warning", "P2");
const INFO = urgencyOf("info", "P3");

/** What every ledger promises about a severity or priority that rises after a request was decided on. */
export function ledgerUrgencyContract(name: string, open: OpenLedger): void {
  describe(`urgency: ${name}`, () => {
    let bench: StormBench;
    beforeEach(async () => {
      bench = await openStormBench(open);
    });

    type Urgency = ReturnType<typeof urgencyOf>;
    const spec = (word: string, urgency: Urgency) => ({ ...draft(word), spec: { ...draft(word).spec, ...urgency } });
    const as = (word: string, urgency: Urgency, over: Partial<AdmitAlert> = {}) => firing(word, { draft: spec(word, urgency), ...over });
    const inStorm = (word: string, urgency: Urgency) => stormy(word, { draft: spec(word, urgency) });
    const urgencies = (counts: readonly LeasedCount[]) => counts.map(({ urgency }) => urgency);
    const due = async () => {
      bench.time.now += 5_000;
      return urgencies(await bench.countsDue());
    };

    describe("of a live request", () => {
      it("is owed to it once a repeat is more urgent, also by an instance whose delivery has counted already", async () => {
        await bench.create("x", { urgency: WARNING });
        expect(await due()).toEqual([]);
        await bench.admit([as("x", WARNING, { shared: true, instance: "b" }), as("x", CRITICAL, { shared: true, instance: "c" })]);
        expect(await due()).toEqual([CRITICAL]);
      });

      it("never falls, and rises in severity and in priority each for itself", async () => {
        await bench.create("x", { urgency: WARNING });
        await bench.admitOne(as("x", urgencyOf("critical", "P3")));
        await bench.admitOne(as("x", urgencyOf("info", "P0")));
        await bench.admitOne(as("x", INFO));
        expect(await due()).toEqual([urgencyOf("critical", "P0")]);
      });

      it("is owed as long as its object shows less, and again once somebody has erased it, but not twice", async () => {
        await bench.create("x", { urgency: WARNING });
        await bench.admitOne(as("x", CRITICAL));
        const [count] = await bench.countsDue();
        const shows = (version: string, urgency: Urgency) => bench.tell(seen("x", { resourceVersion: version, urgency }));
        const settle = async (version: string) => {
          if (count) await bench.recorded(count, version);
        };
        await shows("101", WARNING);
        await settle("101");
        expect(await due()).toEqual([CRITICAL]);
        await shows("102", CRITICAL);
        await settle("102");
        expect(await due()).toEqual([]);
        await bench.tell({
          ...{ kind: "seen", subject: count?.subject ?? "", agoMs: null },
          state: { ...seenState("x", "103"), urgency: WARNING },
          shown: { slots: { [count?.slot ?? ""]: 2 }, resolvedAtMs: null, members: 0 },
        });
        expect(await due()).toEqual([CRITICAL]);
      });

      it("is owed where it fell before its object was made of the last alert, also after waiting in a window", async () => {
        const intent = intentOf(await bench.admitOne(as("x", CRITICAL)));
        await bench.admitOne(as("x", WARNING));
        await bench.tell(ensured("x", intent, { urgency: WARNING }));
        await bench.admit([inStorm("y", CRITICAL)]);
        await bench.admit([inStorm("y", INFO)]);
        bench.time.now += 45_000;
        await bench.sweepAll();
        const [leased] = await bench.intents();
        await bench.tell(ensured("y", leased?.intent ?? "", { urgency: INFO }));
        expect(await due()).toEqual([CRITICAL, CRITICAL]);
      });

      it("is owed to a request that was found, which something else may have made of a lesser alert", async () => {
        const intent = intentOf(await bench.admitOne(as("x", CRITICAL)));
        await bench.tell(ensured("x", intent, { urgency: WARNING, intent: "another" }, "existing"));
        expect(await due()).toEqual([CRITICAL]);
      });

      it("is owed to its object still once the fingerprint has begun a new episode, which begins anew", async () => {
        const intent = await bench.create("x", { urgency: WARNING });
        bench.time.now += 5_000;
        await bench.admitOne(as("x", CRITICAL));
        const ended = { resourceVersion: "101", phase: "Completed", ended: true, endedAtMs: bench.time.now, urgency: WARNING };
        await bench.tell(seen("x", ended));
        const second = intentOf(await bench.admitOne(as("x", WARNING)));
        await bench.tell(ensured("x", second, { uid: "uid-x-2", name: "rr-x-2", urgency: WARNING }));
        const counts = await bench.countsDue();
        expect(counts.map(({ slot, urgency }) => [slot, urgency])).toEqual([[intent, CRITICAL]]);
        if (counts[0]) await bench.recorded(counts[0], "102");
        expect(await due()).toEqual([]);
      });

      it("is no reason to write for who does not tell what is shown", async () => {
        await bench.create("x");
        expect(await due()).toEqual([]);
      });
    });

    describe("of a storm", () => {
      const storm = async (urgency: Urgency = WARNING) => {
        const { subject, intent } = await bench.reach("a", "b", "c");
        await bench.tell(stormEnsured(subject, intent, { urgency }));
        await bench.record();
        return { subject, intent };
      };

      it("rises by a late member, and by a repeat of a member", async () => {
        const { subject } = await storm();
        await bench.admit([inStorm("d", CRITICAL)]);
        expect(await due()).toEqual([CRITICAL]);
        await bench.tell(stormSeen(subject, { resourceVersion: "102", urgency: CRITICAL }));
        await bench.admit([as("a", urgencyOf("info", "P0"))]);
        bench.time.now += 5_000;
        expect(await due()).toEqual([urgencyOf("critical", "P0")]);
      });

      it("rises while its request is on its way", async () => {
        const { subject, intent } = await bench.reach("a", "b", "c");
        await bench.admit([inStorm("b", CRITICAL)]);
        await bench.tell(stormEnsured(subject, intent, { urgency: WARNING }));
        expect(await due()).toEqual([CRITICAL]);
      });

      it("is not that of an alert that was over before there was a request", async () => {
        await bench.admit([inStorm("a", CRITICAL)]);
        await bench.admitOne(resolved("a"));
        const { subject, intent } = await bench.reach("b", "c", "d");
        await bench.tell(stormEnsured(subject, intent, { urgency: WARNING }));
        expect(await due()).toEqual([WARNING]);
      });

      it("goes with a member to the request that holds it", async () => {
        await bench.admit([inStorm("a", CRITICAL)]);
        const { subject, intent } = await bench.reach("b", "c");
        await bench.tell(held(subject, intent, "a", { urgency: WARNING }));
        expect(await due()).toEqual([CRITICAL]);
      });
    });
  });
}

const seenState = (word: string, resourceVersion: string) => {
  const fact = seen(word, { resourceVersion });
  if (fact.kind !== "seen") throw new Error("not a look");
  return fact.state;
};
