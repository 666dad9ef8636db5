import { beforeEach, describe, expect, it } from "vitest";
import { NAMESPACE_RETRY_MS } from "../../src/domain/ledger-limits.ts";
import type { Lease, LeasedIntent, Settlement } from "../../src/ports/ledger.ts";
import { ensured, firing, RULES } from "../support/ledger-builders.ts";
import { type Bench, intentOf, type OpenLedger, openBench } from "./ledger-bench.ts";

/** A long time within which nothing is due by itself. */
const LATER_MS = 60_000;

const failed = ({ subject, intent }: LeasedIntent, over: Partial<Extract<Settlement, { kind: "intent-failed" }>> = {}): Settlement => ({
  ...{ kind: "intent-failed", subject, intent, reason: "forbidden", afterMs: 1_000 },
  ...over,
});

const namespacesOf = (items: readonly { readonly namespace: string }[]): Record<string, number> =>
  Object.fromEntries([...Map.groupBy(items, ({ namespace }) => namespace)].map(([namespace, all]) => [namespace, all.length]));

const countsIn = ({ counts }: Lease) => namespacesOf(counts.map(({ request }) => request));

/** What every ledger promises to a namespace beside others. */
export function ledgerFairnessContract(name: string, open: OpenLedger): void {
  describe(`fairness: ${name}`, () => {
    let bench: Bench;
    const later = (ms: number) => {
      bench.time.now += ms;
    };
    /** Intents of a namespace that their callers have let go of. */
    const fill = async (namespace: string, size: number, from = 0) => {
      const words = Array.from({ length: size }, (_, at) => `${namespace}${from + at}`);
      return (await bench.admit(words.map((word) => firing(word, { namespace })))).map(intentOf);
    };
    const leasedOf = async (limit: number) => namespacesOf((await bench.ledger.lease(limit)).intents);
    beforeEach(async () => {
      bench = await openBench(open, { intentsMax: 10_000 });
    });

    describe("one namespace does not use up another's time", () => {
      it("hands out a lone intent with the next lease, however many of another namespace are due before it", async () => {
        await fill("flood", 300);
        later(1_000);
        await fill("lone", 1);
        later(RULES.leaseMs);
        expect(await leasedOf(20)).toEqual({ flood: 19, lone: 1 });
      });

      it("shares a lease evenly, and what one leaves of its share is others'", async () => {
        for (const [namespace, size] of [
          ["a", 40],
          ["b", 2],
          ["c", 40],
          ["d", 40],
        ] as const)
          await fill(namespace, size);
        later(RULES.leaseMs);
        expect(await leasedOf(32)).toEqual({ a: 10, b: 2, c: 10, d: 10 });
      });

      it("serves more namespaces than one lease has room for in turn", async () => {
        const namespaces = Array.from({ length: 12 }, (_, at) => `n${at}`);
        for (const namespace of namespaces) await fill(namespace, 2);
        later(RULES.leaseMs + 1);
        const served: string[] = [];
        for (let round = 0; round < 6; round += 1) {
          served.push(...Object.keys(await leasedOf(4)));
          later(1);
        }
        expect(served.slice(0, 12).toSorted()).toEqual(namespaces.toSorted());
        expect(served.slice(12).toSorted()).toEqual(namespaces.toSorted());
      });

      it("hands out what is due at once before what was tried, of which a quarter of a share is kept", async () => {
        await fill("a", 40);
        later(RULES.leaseMs);
        for (const leased of (await bench.ledger.lease(100)).intents) await bench.ledger.settle([failed(leased, { afterMs: 10 })]);
        later(10);
        const words = Array.from({ length: 20 }, (_, at) => `new${at}`);
        for (const word of words) {
          const intent = intentOf(await bench.admitOne(firing(word, { namespace: "a" })));
          await bench.ledger.fact([ensured(word, intent, { ended: true, endedAtMs: bench.time.now })]);
        }
        for (const word of words) {
          const intent = intentOf(await bench.admitOne(firing(word, { namespace: "a" })));
          await bench.ledger.settle([
            { ...failed({ intent } as LeasedIntent), subject: firing(word).fingerprint, afterMs: 0 } as Settlement,
          ]);
        }
        const { intents } = await bench.ledger.lease(16);
        expect(intents.map(({ draft }) => draft?.spec.signalName.startsWith("new")).filter((isNew) => isNew)).toHaveLength(12);
        expect(intents).toHaveLength(16);
      });

      it("hands out each intent and each count once, and all of them in the end", async () => {
        for (const namespace of ["a", "b", "c"]) await fill(namespace, 50);
        later(RULES.leaseMs);
        const seen = new Set<string>();
        for (let total = 0; total < 150; ) {
          const { intents } = await bench.ledger.lease(20);
          expect(intents.length).toBeGreaterThan(0);
          total += intents.length;
          for (const { subject } of intents) seen.add(subject);
        }
        expect(seen.size).toBe(150);
        expect((await bench.ledger.lease(20)).intents).toEqual([]);
      });

      it("tells that more is due at once, and when the next thing is where nothing more is", async () => {
        await fill("a", 3);
        later(RULES.leaseMs);
        expect((await bench.ledger.lease(2)).nextInMs).toBe(0);
        const last = await bench.ledger.lease(2);
        expect([last.intents.length, last.nextInMs]).toEqual([1, RULES.leaseMs]);
      });

      it("shares the counts of a lease evenly as well", async () => {
        for (const namespace of ["flood", "lone"])
          for (let at = 0; at < (namespace === "flood" ? 12 : 1); at += 1) {
            const word = `${namespace}${at}`;
            const intent = intentOf(await bench.admitOne(firing(word, { namespace })));
            await bench.ledger.fact([ensured(word, intent, { namespace })]);
            await bench.admitOne(firing(word, { namespace }));
          }
        expect(countsIn(await bench.ledger.lease(4))).toEqual({ flood: 3, lone: 1 });
      });
    });

    describe("a namespace that Kubernetes refuses", () => {
      const refuse = async () => {
        const { intents } = await bench.ledger.lease(100);
        await bench.ledger.settle(
          intents.filter(({ namespace }) => namespace === "no").map((leased) => failed(leased, { namespaceRefused: true })),
        );
        return namespacesOf(intents);
      };

      it("is left alone for a while, then tried with one intent at a time, while others are served", async () => {
        await fill("no", 50);
        later(RULES.leaseMs);
        expect(await refuse()).toEqual({ no: 50 });
        later(NAMESPACE_RETRY_MS - 1);
        await fill("yes", 1);
        expect(await refuse()).toEqual({});
        later(1);
        for (let probe = 0; probe < 3; probe += 1) {
          expect(await refuse()).toMatchObject({ no: 1 });
          expect((await refuse()).no).toBeUndefined();
          later(NAMESPACE_RETRY_MS);
        }
      });

      it("is asked by one drain at a time", async () => {
        await fill("no", 9);
        later(RULES.leaseMs);
        await refuse();
        later(NAMESPACE_RETRY_MS);
        expect(await leasedOf(10)).toEqual({ no: 1 });
        expect(await leasedOf(10)).toEqual({});
      });

      it("tells when it is to be tried again", async () => {
        await fill("no", 9);
        later(RULES.leaseMs);
        await refuse();
        expect((await bench.ledger.lease(10)).nextInMs).toBe(NAMESPACE_RETRY_MS);
      });

      it("is served whole as soon as one try goes well", async () => {
        await fill("no", 50);
        later(RULES.leaseMs);
        await refuse();
        later(NAMESPACE_RETRY_MS);
        const [probe] = (await bench.ledger.lease(100)).intents;
        await bench.ledger.fact([ensured(probe?.draft?.spec.signalName ?? "", probe?.intent ?? "", { namespace: "no" })]);
        expect(await leasedOf(100)).toEqual({ no: 49 });
      });

      it("is forgotten with the last of its intents", async () => {
        const [intent = ""] = await fill("no", 1);
        later(RULES.leaseMs);
        await refuse();
        await bench.ledger.fact([ensured("no0", intent)]);
        expect(await bench.ledger.lease(10)).toMatchObject({ intents: [], nextInMs: null });
        later(LATER_MS);
        await fill("no", 5, 1);
        later(RULES.leaseMs);
        expect(await leasedOf(10)).toEqual({ no: 5 });
      });

      it("has its counts tried one at a time, and its intents as before", async () => {
        const words = ["no0", "no1", "no2"];
        const intents = await fill("no", 3);
        await bench.ledger.fact(words.map((word, at) => ensured(word, intents[at] ?? "", { namespace: "no" })));
        for (const word of words) await bench.admitOne(firing(word, { namespace: "no" }));
        const { counts } = await bench.ledger.lease(10);
        expect(counts).toHaveLength(3);
        await bench.ledger.settle(counts.map(({ mark }) => ({ kind: "count-failed", mark, afterMs: 1_000, namespaceRefused: true })));
        await fill("no", 2, 3);
        later(RULES.leaseMs);
        const probing = await bench.ledger.lease(10);
        expect([probing.counts.length, probing.intents.length]).toEqual([1, 2]);
        const [probe] = probing.counts;
        if (probe)
          await bench.ledger.settle([
            { kind: "recorded", mark: probe.mark, count: probe.count, resolvedAtMs: null, resourceVersion: "101", storm: null },
          ]);
        expect((await bench.ledger.lease(10)).counts).toHaveLength(2);
      });
    });
  });
}
