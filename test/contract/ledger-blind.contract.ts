import { beforeEach, describe, expect, it } from "vitest";
import { VOTES_LEAST } from "../../src/domain/ledger-limits.ts";
import type { OpenLedger } from "./ledger-bench.ts";
import { type CanaryBench, openCanaryBench } from "./ledger-canary-bench.ts";

/** What every ledger promises of rules that cannot judge. */
export function ledgerBlindContract(name: string, open: OpenLedger): void {
  describe(`a blind rule: ${name}`, () => {
    let canary: CanaryBench;
    beforeEach(async () => {
      canary = await openCanaryBench(open, { intentsMax: 100_000 });
      await canary.minute();
    });
    /** So many requests whose proxy does not say what they cost, as one of the version before. */
    const untold = async (requests: number) => {
      for (let made = 0; made < requests; made += 1) await canary.createAlone();
    };
    /** As both tell it: the administration's answer, and the metrics. */
    const isBlind = async () => {
      const { rules } = await canary.ledger.survey();
      const { blind } = await canary.rule("api-load");
      expect(rules.flatMap((rule) => (rule.blind ? [rule.rule] : []))).toEqual(blind ? ["api-load"] : []);
      return blind;
    };

    it("is api-load, from the thirtieth request on whose cost nobody tells, in however many minutes, until one is told", async () => {
      await untold(VOTES_LEAST - 10);
      await canary.minute();
      await untold(9);
      await canary.minute();
      expect(await isBlind()).toBe(false);
      await untold(1);
      expect(await isBlind()).toBe(false);
      for (let minutes = 0; minutes < 3; minutes += 1) {
        await canary.minute();
        expect(await isBlind()).toBe(true);
      }
      expect(await canary.rule("api-load")).toMatchObject({ state: "not-enough", votes: 0, units: 0 });
      await canary.unit("api-load", false);
      await canary.minute();
      expect(await isBlind()).toBe(false);
      await untold(VOTES_LEAST - 1);
      await canary.minute();
      expect(await isBlind()).toBe(false);
      await untold(1);
      await canary.minute();
      expect(await isBlind()).toBe(true);
    });

    it("is none by minutes in which something else was at fault", async () => {
      await untold(VOTES_LEAST - 1);
      await canary.minute();
      await untold(VOTES_LEAST);
      await canary.minute(true);
      await canary.minute(); // it was at fault when this one began
      expect(await isBlind()).toBe(false);
      await untold(1);
      await canary.minute();
      expect(await isBlind()).toBe(true);
    });

    it("is none while some proxies tell, by namespaces without the feature, nor once its share has changed", async () => {
      await untold(VOTES_LEAST);
      await canary.unit("api-load", false);
      await canary.minute();
      expect(await isBlind()).toBe(false);
      await untold(VOTES_LEAST);
      await canary.minute();
      expect(await isBlind()).toBe(true);
      await canary.ledger.setFlag({ operation: "a".repeat(32), feature: "state-based-dedup", percent: 0, by: "", reason: "" });
      await canary.minute();
      expect(await isBlind()).toBe(false);
      await untold(VOTES_LEAST);
      await canary.minute();
      expect(await isBlind()).toBe(false);
    });
  });
}
