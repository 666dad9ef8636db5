import { beforeEach, describe, expect, it } from "vitest";
import { UNFINISHED_LIFE_MS } from "../../src/domain/ledger-limits.ts";
import type { AdmitAlert, AdmitCall } from "../../src/ports/ledger.ts";
import { call, ensured, firing, RULES, resolved, seen } from "../support/ledger-builders.ts";
import { type Bench, intentOf, type OpenLedger, openBench } from "./ledger-bench.ts";

const delivery = "d".repeat(32);

/** What a ledger remembers of a delivery, and how long. */
export function ledgerDeliveriesContract(name: string, open: OpenLedger): void {
  describe(`ledger deliveries: ${name}`, () => {
    let bench: Bench;
    beforeEach(async () => {
      bench = await openBench(open);
    });
    const send = (alerts: AdmitAlert[], over: Partial<AdmitCall> = {}) => bench.admit(alerts, { delivery, ...over });
    const knows = async (...words: string[]) =>
      (
        await bench.ledger.recall(
          delivery,
          words.map((word) => firing(word)),
          null,
        )
      ).map((answer) => answer !== null);
    const received = async () => (await bench.ledger.counters()).alerts_received;
    const later = (ms: number) => {
      bench.time.now += ms;
    };

    it("recalls how each alert was answered, and nothing of alerts that were not, of another delivery or what is over", async () => {
      await bench.create("b");
      await send([firing("a"), firing("b")]);
      const asked = [firing("c"), firing("b"), firing("a")];
      expect(await bench.ledger.recall(delivery, asked, null)).toEqual([
        null,
        { outcome: "duplicate", reason: "request-live", rung: "cache" },
        { outcome: "accepted", reason: "new", rung: "cache" },
      ]);
      expect(await bench.ledger.recall("e".repeat(32), asked, null)).toEqual([null, null, null]);
      expect(await bench.ledger.recall(delivery, [], null)).toEqual([]);
      later(RULES.deliveryTtlMs);
      expect(await bench.ledger.recall(delivery, asked, null)).toEqual([null, null, null]);
    });

    describe("whose key its sender chose", () => {
      const [one, other] = ["1".repeat(32), "2".repeat(32)];
      const OTHER_BODY = [{ kind: "other-body" }];

      it("binds it to the body of the first call: nothing is decided, counted or recalled of another, and the first gets its answer again", async () => {
        const first = await send([firing("a")], { body: one });
        const aside = { ignoredAlerts: 1, truncatedAlerts: 7, unknownSeverities: 0, unreadableTimes: 0, watchdog: false };
        const before = await bench.ledger.survey();
        expect(await send([firing("a"), firing("b"), resolved("a")], { body: other, aside })).toEqual(OTHER_BODY);
        expect(await send([], { body: other, aside })).toEqual(OTHER_BODY);
        expect(await bench.ledger.recall(delivery, [firing("a")], other)).toEqual([null]);
        expect(await bench.ledger.survey()).toEqual(before);
        expect(await bench.ledger.receipt(firing("b"))).toBeNull();
        expect(await bench.ledger.recall(delivery, [firing("a")], one)).toMatchObject([{ outcome: "accepted" }]);
        expect(await send([firing("a")], { body: one })).toMatchObject([
          { outcome: "accepted", occurrences: (first[0] as { occurrences: number }).occurrences },
        ]);
      });

      it("lets one of two bodies win that come at once, whichever calls are between them", async () => {
        const bodies = [one, other, one, other];
        const answers = await Promise.all(
          bodies.map((body, at) => bench.ledger.admit(call([firing(`x${at % 2}`)], { delivery, body, more: true }))),
        );
        const refused = answers.map(([verdict]) => verdict?.kind === "other-body");
        const lost = refused[0] ? 0 : 1;
        expect(refused).toEqual([0, 1, 0, 1].map((body) => body === lost));
        expect(await bench.ledger.receipt(firing(`x${lost}`))).toBeNull();
        expect(await bench.ledger.receipt(firing(`x${1 - lost}`))).not.toBeNull();
      });

      it("binds it as long as the answer to any alert is remembered, and no longer", async () => {
        await send([firing("a")], { body: one, more: true });
        later(UNFINISHED_LIFE_MS / 2);
        await send([firing("b")], { body: one });
        later(RULES.deliveryTtlMs - 1);
        expect(await send([firing("a")], { body: one })).toMatchObject([{ outcome: "accepted" }]);
        expect(await send([firing("b")], { body: other })).toEqual(OTHER_BODY);
        later(1);
        expect(await send([firing("b")], { body: other })).toMatchObject([{ kind: "settled", outcome: "duplicate", occurrences: 2 }]);
        expect(await send([firing("a")], { body: one })).toEqual(OTHER_BODY);
      });

      it("foresees what another body would be told", async () => {
        await send([firing("a")], { body: one });
        expect(await bench.ledger.foresee(call([firing("b")], { delivery, body: other }))).toEqual(OTHER_BODY);
      });

      it("takes what the version before decided under it", async () => {
        await send([firing("a")]);
        expect(await send([firing("a")], { body: one })).toMatchObject([{ outcome: "accepted", occurrences: 1 }]);
        expect(await send([firing("a")], { body: other })).toEqual(OTHER_BODY);
      });
    });

    it("changes nothing by recalling", async () => {
      await send([firing("a")]);
      later(RULES.deliveryTtlMs - 1);
      expect(await knows("a")).toEqual([true]);
      later(1);
      expect(await knows("a")).toEqual([false]);
    });

    it("remembers for ten minutes what a call decided of a delivery that more calls belong to, and counts it once", async () => {
      await send([firing("a")], { more: true });
      later(UNFINISHED_LIFE_MS - 1);
      expect(await knows("a")).toEqual([true]);
      expect(await send([firing("a")], { more: true })).toMatchObject([{ outcome: "accepted", occurrences: 1 }]);
      expect(await received()).toBe(1);
      later(1);
      expect(await knows("a")).toEqual([false]);
    });

    it("remembers each alert of an unfinished delivery from its own first sight", async () => {
      await send([firing("a")], { more: true });
      later(UNFINISHED_LIFE_MS / 2);
      await send([firing("b")], { more: true });
      later(UNFINISHED_LIFE_MS / 2);
      expect(await knows("a", "b")).toEqual([false, true]);
      later(UNFINISHED_LIFE_MS / 2 - 1);
      expect(await knows("a", "b")).toEqual([false, true]);
      later(1);
      expect(await knows("a", "b")).toEqual([false, false]);
    });

    it("remembers all of a delivery for the delivery time from when its last call decided the rest", async () => {
      await send([firing("a")], { more: true });
      later(RULES.deliveryTtlMs * 2);
      await send([firing("b")]);
      later(RULES.deliveryTtlMs - 1);
      expect(await knows("a", "b")).toEqual([true, true]);
      // A repeat of what is finished begins nothing anew, and does not prolong it.
      await send([firing("a")], { more: true });
      await send([firing("b")]);
      expect(await received()).toBe(2);
      later(1);
      expect(await knows("a", "b")).toEqual([false, false]);
    });

    it("does not take what an earlier sending of the same alerts was answered for an answer to a new one", async () => {
      await send([firing("a")], { more: true });
      await send([firing("b")]);
      later(RULES.deliveryTtlMs);
      await send([firing("a")], { more: true });
      expect(await knows("a", "b")).toEqual([true, false]);
      await send([firing("b")]);
      expect(await received()).toBe(4);
    });

    it("remembers what it decided beside alerts that found no room", async () => {
      bench = await openBench(open, { intentsMax: 5 });
      const verdicts = await send([firing("a"), firing("b")]);
      expect(verdicts.map(({ kind }) => kind)).toEqual(["ensure", "full"]);
      later(UNFINISHED_LIFE_MS - 1);
      expect(await knows("a", "b")).toEqual([true, false]);
      await bench.ledger.fact([ensured("a", intentOf(verdicts[0] as (typeof verdicts)[0]))]);
      expect((await send([firing("a"), firing("b")])).map(({ kind }) => kind)).toEqual(["settled", "ensure"]);
      expect(await received()).toBe(2);
    });

    it("remembers what it decided beside an alert that waits for a check, until that is answered as well", async () => {
      await bench.create("x");
      later(RULES.stateTtlMs);
      expect((await send([firing("a"), firing("x")])).map(({ kind }) => kind)).toEqual(["ensure", "check"]);
      later(RULES.deliveryTtlMs);
      expect(await knows("a")).toEqual([true]);
      await send([firing("x")], { facts: [seen("x")] });
      expect(await knows("a", "x")).toEqual([true, true]);
      later(RULES.deliveryTtlMs);
      expect(await knows("a", "x")).toEqual([false, false]);
    });

    it("counts a fingerprint once, and what came beside the alerts, as long as a delivery is unfinished", async () => {
      const instances = ["a", "b"].map((instance) => firing("x", { instance, shared: true }));
      const aside = { ignoredAlerts: 2, truncatedAlerts: 0, unknownSeverities: 0, unreadableTimes: 0, watchdog: false };
      await bench.create("x");
      await send(instances.slice(0, 1), { more: true, aside });
      later(RULES.deliveryTtlMs);
      const [verdict] = await send(instances.slice(1), { aside, facts: [seen("x")] });
      expect(verdict).toMatchObject({ outcome: "duplicate", occurrences: 2 });
      expect(await received()).toBe(1 + 2 + 2);
    });

    it("answers a repeat that its request was found where something else had made it", async () => {
      const [verdict] = await send([firing("a")]);
      await bench.ledger.fact([ensured("a", intentOf(verdict as NonNullable<typeof verdict>), {}, "existing")]);
      expect(await send([firing("a")])).toMatchObject([{ outcome: "duplicate", reason: "request-found", request: { name: "rr-a-1" } }]);
    });

    it("leaves the state of one where a call is sent twice, whether or not more belong to it", async () => {
      for (const [more, word] of [
        [true, "a"],
        [false, "b"],
      ] as const)
        for (let sendings = 0; sendings < 2; sendings += 1) await send([firing(word)], { more, operation: word.repeat(32) });
      expect(await received()).toBe(2);
      later(RULES.deliveryTtlMs - 1);
      expect(await knows("a", "b")).toEqual([true, true]);
      later(1);
      expect(await knows("a", "b")).toEqual([false, false]);
    });
  });
}
