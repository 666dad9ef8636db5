import { beforeEach, describe, expect, it } from "vitest";
import { ANSWER_JUDGED_MS, EVIDENCE_LEAST, PROOFS_MAX, SESSION_ALIVE_MS } from "../../src/domain/ledger-limits.ts";
import { featureOf, RULES, type Rule } from "../../src/domain/rule.ts";
import type { Fact } from "../../src/ports/ledger.ts";
import { ensured, fingerprint, firing, gone, seen } from "../support/ledger-builders.ts";
import { stormy } from "../support/storm-builders.ts";
import { intentOf, type OpenLedger } from "./ledger-bench.ts";
import { type CanaryBench, MINUTE, openCanaryBench } from "./ledger-canary-bench.ts";

const ROOM = { intentsMax: 100_000, windowAlertsMax: 1_000, bufferedMax: { perNamespace: 100_000, total: 100_000 } };

/** As DESIGN has it, in plain words: of 20 alternatives how much better each explains the votes than the limit, since they began to go wrong. */
function evidenceOf(limit: number, votes: readonly number[]): number {
  const weights = Array.from({ length: 20 }, (_, at) => limit + ((1 - limit) * (at + 1)) / 20).map((q) =>
    votes.reduce((weight, x) => Math.max(1, weight * ((x * q) / limit + ((1 - x) * (1 - q)) / (1 - limit))), 1),
  );
  return weights.reduce((sum, weight) => sum + weight, 0) / weights.length;
}

/** What every ledger promises of the rules that features are judged by. */
export function ledgerCanaryContract(name: string, open: OpenLedger): void {
  describe(`rules: ${name}`, () => {
    const bench = (rules: Parameters<typeof openCanaryBench>[1] = {}) => openCanaryBench(open, { ...ROOM, ...rules });
    // A buffer that one alert fills.
    const forRule = (rule: Rule) => bench(rule === "bypassing" ? { bufferedMax: { perNamespace: 1, total: 100_000 } } : {});

    describe("each", () => {
      it.each(RULES)("%s turns its feature off when each minute is bad", async (rule) => {
        const { unit, minute, ledger, rule: sight } = await forRule(rule);
        const feature = featureOf(rule);
        for (let minutes = 1; minutes <= 30; minutes += 1) {
          await unit(rule, true);
          const rolledBack = await minute();
          if (rolledBack.length === 0) continue;
          expect(rolledBack).toEqual([{ feature, rule }]);
          const { state, proof, mean, units, limit, evidence } = await sight(rule);
          expect([state, (mean ?? 0) > limit, evidence >= EVIDENCE_LEAST]).toEqual(["breach", true, true]);
          expect(proof.length).toBeLessThanOrEqual(PROOFS_MAX);
          for (const whose of proof) {
            const { steps } = (await ledger.receipt({ fingerprint: whose })) ?? expect.fail("no receipt");
            expect(steps).toContainEqual(expect.objectContaining({ event: "rule-broken", reason: rule }));
          }
          const flag = (await ledger.flags()).features.find((one) => one.feature === feature);
          expect(flag).toMatchObject({ percent: 0, rollback: { rule, mean, evidence, units, proof } });
          return;
        }
        expect.fail(`no rollback, but ${JSON.stringify(await sight(rule))}`);
      });

      it.each(RULES)("%s passes where half of its limit is used up", async (rule) => {
        const { unit, minute, rule: sight } = await forRule(rule);
        await minute();
        const { limit } = await sight(rule);
        // The least that the API server is asked uses up most of that limit.
        const every = rule === "api-load" ? 16 : Math.ceil(2 / limit);
        for (let minutes = 1; minutes <= 31; minutes += 1) {
          await unit(rule, minutes % every === 0);
          expect(await minute()).toEqual([]);
          if (minutes === 29) expect(await sight(rule)).toMatchObject({ state: "not-enough" });
        }
        expect(await sight(rule)).toMatchObject({ state: "pass", blind: false, votes: 31 });
      });

      it.each(RULES)("%s has not enough evidence after five minutes, however bad", async (rule) => {
        const { unit, minute, rule: sight } = await forRule(rule);
        await minute();
        expect(await sight(rule)).toMatchObject({ state: "not-enough", blind: false, evidence: 1, votes: 0, mean: null, proof: [] });
        for (let minutes = 1; minutes <= 5; minutes += 1) {
          await unit(rule, true);
          expect(await minute()).toEqual([]);
        }
        expect(await sight(rule)).toMatchObject({ state: "not-enough", votes: 5 });
      });
    });

    describe("votes", () => {
      let canary: CanaryBench;
      beforeEach(async () => {
        canary = await bench();
      });

      it("weigh as evidence what is far from the limit, and forget what was well", async () => {
        const votes: number[] = [];
        for (const isBad of [false, false, true, false, true, true]) {
          await canary.unit("collisions", isBad);
          await canary.minute();
          votes.push(isBad ? 1 : 0);
          const { evidence, mean } = await canary.rule("collisions");
          expect(evidence).toBeCloseTo(evidenceOf(0.05, votes), 6);
          const within = votes.slice(-5);
          expect(mean).toBeCloseTo(within.reduce((sum, vote) => sum + vote, 0) / within.length, 12);
        }
      });

      it("are one a minute, whoever looks in between, and none where there was nothing", async () => {
        await canary.minute();
        for (let seconds = 0; seconds < 120; seconds += 1) {
          await canary.unit("collisions", false);
          canary.time.now += 1_000;
          await canary.ledger.lease(0);
        }
        expect(await canary.rule("collisions")).toMatchObject({ votes: 2, units: 120, mean: 0 });
        await canary.minute();
        expect(await canary.rule("collisions")).toMatchObject({ votes: 2, units: 120, mean: 0 });
        canary.time.now += 4 * MINUTE;
        await canary.minute();
        expect(await canary.rule("collisions")).toMatchObject({ votes: 2, units: 120, mean: null });
      });

      it("count a group once, however many units it has", async () => {
        for (const word of ["a", "b", "c"]) await canary.create(word);
        await canary.unit("collisions", true);
        await canary.minute();
        expect(await canary.rule("collisions")).toMatchObject({ votes: 1, units: 4, mean: 0.5 });
      });

      it.each([
        ["a breaker is open", async () => void (await canary.minute(true))],
        [
          "nobody answers an intent",
          async () => {
            const intent = intentOf(await canary.admitOne(firing("x")));
            const failed = { kind: "intent-failed", subject: fingerprint("x"), intent, reason: "timeout", afterMs: 1_000 } as const;
            await canary.ledger.settle([failed]);
          },
        ],
        [
          "a state cannot be asked for",
          async () => {
            await canary.create("x");
            await canary.admitOne(firing("x", { unreachable: true }));
          },
        ],
        [
          "alerts were decided without the ledger",
          async () => {
            const outcomes = [{ source: "test", outcome: "created", count: 1 }] as const;
            await canary.admitOne(firing("x"), { strays: { id: "f".repeat(32), outcomes } });
          },
        ],
      ])("there are none of a minute in which %s", async (_, happen) => {
        await canary.unit("failed-updates", true);
        await happen();
        await canary.minute();
        expect(await canary.rule("failed-updates")).toMatchObject({ blind: false, votes: 0, units: 0 });
        await canary.unit("failed-updates", true);
        await canary.minute();
        expect(await canary.rule("failed-updates")).toMatchObject({ votes: 1, units: 1 });
      });
    });

    describe("units", () => {
      let canary: CanaryBench;
      const unitsOf = async (rule: Rule) => {
        await canary.minute();
        const { units, mean } = await canary.rule(rule);
        return { units, mean };
      };
      beforeEach(async () => {
        canary = await bench();
      });

      it("accuracy: duplicates are judged five minutes later at the latest, and then were right", async () => {
        await canary.create("x", { session: "alive" });
        const repeat = async () => {
          await canary.ledger.heartbeat("alive");
          return canary.admitOne(firing("x"));
        };
        await repeat();
        expect(await unitsOf("accuracy")).toEqual({ units: 0, mean: null });
        canary.time.now += ANSWER_JUDGED_MS;
        const firstMs = canary.time.now;
        await repeat();
        expect(await unitsOf("accuracy")).toEqual({ units: 1, mean: 0 });
        await canary.ledger.fact([seen("x", { resourceVersion: "900", ended: true, endedAtMs: firstMs - 1 })]);
        expect(await unitsOf("accuracy")).toEqual({ units: 2, mean: 0.5 });
      });

      it.each([
        ["nobody says when it ended", async () => void (await canary.ledger.fact([seen("x", { resourceVersion: "900", ended: true })]))],
        ["it is gone, and nobody followed it", async () => void (await canary.ledger.fact([gone("x")]))],
      ])("accuracy: a duplicate was right where %s", async (_, end) => {
        await canary.create("x");
        canary.time.now += 1_000;
        expect(await canary.admitOne(firing("x"))).toMatchObject({ outcome: "duplicate", rung: "cache" });
        await end();
        expect(await unitsOf("accuracy")).toEqual({ units: 1, mean: 0 });
      });

      it("accuracy: a duplicate that nobody could be asked about is none, whenever its request's end is learnt", async () => {
        await canary.create("x");
        canary.time.now += 31_000;
        expect(await canary.admitOne(firing("x", { unreachable: true }))).toMatchObject({ outcome: "duplicate", rung: "time" });
        await canary.minute();
        await canary.ledger.fact([seen("x", { resourceVersion: "900", ended: true, endedAtMs: canary.time.now - MINUTE - 1 })]);
        await canary.minute();
        expect(await unitsOf("accuracy")).toEqual({ units: 0, mean: null });
      });

      it("accuracy: those of one moment are judged together, and what is asked of Kubernetes is none", async () => {
        await canary.create("x");
        await canary.admit([firing("x", { instance: "b" }), firing("x", { instance: "c" })]);
        canary.time.now += 40_000;
        const asked = await canary.admitOne(firing("x"), { facts: [seen("x")] });
        expect(asked).toMatchObject({ rung: "kubernetes" });
        await canary.ledger.fact([gone("x")]);
        expect(await unitsOf("accuracy")).toEqual({ units: 2, mean: 0 });
      });

      it("accuracy: beyond a bound of times the last one stands for those that follow", async () => {
        await canary.create("x", { session: "alive" });
        for (let times = 0; times < 20; times += 1) {
          canary.time.now += 1_000;
          await canary.ledger.heartbeat("alive");
          await canary.admitOne(firing("x"));
        }
        const lastMs = canary.time.now;
        await canary.ledger.fact([seen("x", { resourceVersion: "900", ended: true, endedAtMs: lastMs - 3_500 })]);
        // The sixteenth was in time, so all that it stands for are.
        expect(await unitsOf("accuracy")).toEqual({ units: 20, mean: 0 });
      });

      it("api-load: repeats of long ago take a look each, and what nobody tells the cost of is none", async () => {
        await canary.create("x");
        expect(await unitsOf("api-load")).toEqual({ units: 0, mean: null });
        canary.time.now += 5 * MINUTE;
        for (let times = 0; times < 2; times += 1) {
          const look = seen("x");
          await canary.admitOne(firing("x"), { facts: look.kind === "seen" ? [{ ...look, requests: 1.2 }] : [] });
        }
        expect(await unitsOf("api-load")).toEqual({ units: 1, mean: 0.5 });
      });

      it("api-load: a minute is one, and looks that no late repeat needed are its proof", async () => {
        const create = async (word: string) => {
          const made = ensured(word, intentOf(await canary.admitOne(firing(word))));
          await canary.ledger.fact([{ ...made, requests: 1 } as Fact]);
        };
        const look = (word: string) => canary.ledger.fact([{ ...seen(word), requests: 1 } as Fact]);
        await create("x");
        await create("y");
        await canary.minute();
        expect(await canary.rule("api-load")).toMatchObject({ units: 1, votes: 1, proof: [] });
        await look("x");
        await canary.minute();
        expect(await canary.rule("api-load")).toMatchObject({ units: 2, votes: 2, proof: [fingerprint("x")] });
        canary.time.now += 5 * MINUTE;
        await look("y");
        await canary.minute();
        expect(await canary.rule("api-load")).toMatchObject({ units: 3, votes: 3, proof: [fingerprint("x")] });
      });

      it("api-load: a request that is made at once is 1 in 2.4, and a minute in which nothing was asked has no vote", async () => {
        await canary.unit("api-load", false);
        expect(await unitsOf("api-load")).toEqual({ units: 1, mean: expect.closeTo(1 / 2.4, 12) });
        await canary.create("x", { session: "alive" });
        await canary.minute();
        const { votes } = await canary.rule("api-load");
        canary.time.now += 5 * MINUTE;
        await canary.ledger.heartbeat("alive");
        expect(await canary.admitOne(firing("x"))).toMatchObject({ rung: "relay" });
        await canary.minute();
        expect((await canary.rule("api-load")).votes).toBe(votes);
      });

      it("state-known: only of requests that a live watch follows", async () => {
        await canary.create("x");
        await canary.admitOne(firing("x"));
        await canary.create("y", { session: "dead" });
        await canary.admitOne(firing("y"));
        expect(await unitsOf("state-known")).toEqual({ units: 0, mean: null });
        await canary.ledger.heartbeat("another");
        await canary.admitOne(firing("y"), { facts: [seen("y")] });
        expect(await unitsOf("state-known")).toEqual({ units: 1, mean: 1 });
      });

      it("state-known: also where another watch has died since", async () => {
        await canary.ledger.heartbeat("alive");
        await canary.ledger.heartbeat("dead");
        canary.time.now += SESSION_ALIVE_MS - 1;
        await canary.ledger.heartbeat("alive");
        canary.time.now += 1;
        await canary.create("x", { session: "dead" });
        await canary.admitOne(firing("x"), { facts: [seen("x")] });
        expect(await unitsOf("state-known")).toEqual({ units: 1, mean: 1 });
      });

      it("failed-updates: none where nobody answered, bad where the object refuses for good", async () => {
        const countOf = async (word: string) => {
          await canary.create(word);
          await canary.admitOne(firing(word));
          canary.time.now += 1;
          return (await canary.countsDue()).find(({ subject }) => subject === fingerprint(word)) ?? expect.fail("no count");
        };
        const unanswered = await countOf("x");
        await canary.ledger.settle([{ kind: "count-failed", mark: unanswered.mark, afterMs: 86_400_000, unanswered: true }]);
        expect(await unitsOf("failed-updates")).toEqual({ units: 0, mean: null });
        const { mark } = await countOf("y");
        for (let sendings = 0; sendings < 2; sendings += 1) await canary.ledger.settle([{ kind: "count-refused", mark }]);
        expect(await unitsOf("failed-updates")).toEqual({ units: 1, mean: 1 });
      });

      it("bypassing: what no rule lets wait is none", async () => {
        await canary.admitOne(firing("x"));
        await canary.admitOne(stormy("y"));
        expect(await unitsOf("bypassing")).toEqual({ units: 1, mean: 0 });
      });
    });

    describe("a feature that was turned off", () => {
      const rollBack = async (canary: CanaryBench, rule: Rule = "collisions") => {
        for (let minutes = 0; minutes < 12; minutes += 1) {
          await canary.unit(rule, true);
          if ((await canary.minute()).length > 0) return;
        }
        expect.fail("no rollback");
      };
      const change = (percent: number | null, operation = "e", acknowledged: string | null = null) => ({
        ...({
          operation: operation.repeat(32),
          feature: "state-based-dedup",
          percent,
          by: "12345678",
          reason: "mended",
          acknowledged,
        } as const),
      });

      it("leaves the other one as it is, and stands in the list of changes and in the counters", async () => {
        const canary = await bench();
        await rollBack(canary);
        expect((await canary.ledger.survey()).rollbacks).toEqual([{ feature: "state-based-dedup", rule: "collisions", count: 1 }]);
        const { features, changes } = await canary.ledger.flags();
        expect(features.map(({ percent }) => percent)).toEqual([0, 100]);
        expect(changes).toMatchObject([{ feature: "state-based-dedup", percent: 0, by: "rules", reason: "collisions" }]);
        await canary.create("x");
        await canary.ledger.fact([seen("x", { resourceVersion: "900", ended: true, endedAtMs: canary.time.now })]);
        expect(await canary.admitOne(firing("x"))).toMatchObject({ outcome: "duplicate", reason: "within-fallback-time" });
      });

      it("may be acknowledged and stay off", async () => {
        const canary = await bench();
        await rollBack(canary);
        expect(await canary.ledger.setFlag(change(0, "a", "collisions"))).toEqual({ kind: "set" });
        expect((await canary.ledger.flags()).features[0]).toMatchObject({ percent: 0, rollback: null });
        expect((await canary.ledger.survey()).rolledBack).toEqual([]);
      });

      it("is turned on again only by whoever acknowledges the rule by its name, and begins anew", async () => {
        const canary = await bench();
        const rolledBack = async () => (await canary.ledger.survey()).rolledBack;
        expect(await rolledBack()).toEqual([]);
        await rollBack(canary);
        for (const acknowledged of [null, "accuracy"]) {
          expect(await canary.ledger.setFlag(change(null, "a", acknowledged))).toEqual({ kind: "unacknowledged", rule: "collisions" });
        }
        expect(await canary.ledger.setFlag(change(0, "b"))).toEqual({ kind: "set" });
        await canary.minute();
        expect(await rolledBack()).toEqual([{ feature: "state-based-dedup", rule: "collisions" }]);
        expect(await canary.ledger.setFlag(change(10, "c", "collisions"))).toEqual({ kind: "set" });
        expect((await canary.ledger.flags()).features[0]).toMatchObject({ percent: 10, rollback: null });
        expect(await rolledBack()).toEqual([]);
        expect(await canary.minute()).toEqual([]);
        expect(await canary.rule("collisions")).toMatchObject({ state: "not-enough", evidence: 1, votes: 0, units: 0, mean: null });
        expect(await canary.ledger.setFlag(change(50, "d"))).toEqual({ kind: "set" });
      });
    });

    describe("a share", () => {
      it("that changes makes votes for passing begin anew, and keeps evidence", async () => {
        const canary = await bench();
        for (let minutes = 0; minutes < 3; minutes += 1) {
          await canary.unit("collisions", true);
          await canary.minute();
        }
        const { evidence } = await canary.rule("collisions");
        await canary.ledger.setFlag({ operation: "a".repeat(32), feature: "state-based-dedup", percent: 50, by: "", reason: "" });
        await canary.minute();
        expect(await canary.rule("collisions")).toMatchObject({ evidence, votes: 0, units: 0, mean: 1 });
      });

      it("without the feature is counted beside it, and turns nothing off", async () => {
        const canary = await bench({ shares: { "state-based-dedup": 0, "storm-buffering": 0 } });
        for (let minutes = 0; minutes < 10; minutes += 1) {
          await canary.unit("collisions", true);
          expect(await canary.minute()).toEqual([]);
        }
        expect(await canary.rule("collisions")).toMatchObject({
          state: "not-enough",
          votes: 0,
          off: { votes: 10, units: 10, mean: 1 },
        });
      });
    });
  });
}
