import fc from "fast-check";
import { describe, it } from "vitest";
import { openEmbeddedLedger } from "../support/embedded-ledger.ts";
import { RULES } from "../support/ledger-builders.ts";
import { caresForEverybody } from "./ledger-histories.ts";
import { stormy, stormyTogether } from "./ledger-steps.ts";

const open = (nowMs: () => number) => openEmbeddedLedger(RULES, nowMs);

describe("histories of storms: the engine in process", { timeout: 240_000 }, () => {
  it("care for everybody who fires, alone or in a storm", () =>
    fc.assert(
      fc.asyncProperty(fc.oneof(stormy, stormyTogether), (history) => caresForEverybody(history, open)),
      { numRuns: 4_000 },
    ));
});
