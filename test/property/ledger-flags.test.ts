import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openEmbeddedLedger } from "../support/embedded-ledger.ts";
import { RULES, WINDOW_RULES } from "../support/ledger-builders.ts";
import { caresForEverybody, foreseesAll } from "./ledger-histories.ts";
import { flippedStorms } from "./ledger-steps.ts";
import { openWorld, requestsWith } from "./ledger-world.ts";

const open = (nowMs: () => number) => openEmbeddedLedger(RULES, nowMs);
const oneByOne = flippedStorms.filter((history) => history.every(({ kind }) => kind !== "together"));
const keepsAll = flippedStorms.filter((history) => history.every(({ kind }) => !["lose", "remove", "erase"].includes(kind)));

describe("histories in which storms are turned off and on: the engine in process", { timeout: 240_000 }, () => {
  it("care for everybody who fires, alone or in a storm", () =>
    fc.assert(
      fc.asyncProperty(flippedStorms, (history) => caresForEverybody(history, open)),
      { numRuns: 1_500 },
    ));

  it("leave nobody in two live requests", () =>
    fc.assert(
      fc.asyncProperty(keepsAll, async (history) => {
        const world = openWorld(open, WINDOW_RULES);
        for (const one of history) await world.step(one);
        await world.settle();
        for (const name of ["x", "y", "z", "v"]) {
          const live = requestsWith(world.writer, name).filter(({ ended }) => !ended);
          expect(live.length, `live requests with ${name}`).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 800 },
    ));

  it("are foreseen", () =>
    fc.assert(
      fc.asyncProperty(oneByOne, (history) => foreseesAll(history, open, WINDOW_RULES)),
      { numRuns: 300 },
    ));
});
