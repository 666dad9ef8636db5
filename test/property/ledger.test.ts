import fc from "fast-check";
import { describe, it } from "vitest";
import { createMemoryLedger } from "../../src/adapters/memory/ledger.ts";
import { RULES, WINDOW_RULES } from "../support/ledger-builders.ts";
import { accountsForEverything, caresForEverybody, keepsLettersFor } from "./ledger-histories.ts";
import { concurrent, deadly, deadlyStorms, mortal, stormy, stormyTogether } from "./ledger-steps.ts";

const open = (nowMs: () => number) => createMemoryLedger(RULES, { now: nowMs });

describe("histories with repeats, lost calls and replies, several gateways: memory", () => {
  it("count every answered delivery exactly once while requests live", () =>
    fc.assert(
      fc.asyncProperty(concurrent, (history) => accountsForEverything(history, open, true)),
      { numRuns: 2_000 },
    ));

  it("lose nothing and double nothing while requests end and are deleted", () =>
    fc.assert(
      fc.asyncProperty(mortal, (history) => accountsForEverything(history, open, false)),
      { numRuns: 2_000 },
    ));

  it("leave a request or a letter for everybody who fires, and a request once it is replayed", () =>
    fc.assert(
      fc.asyncProperty(fc.oneof(deadly, deadlyStorms), fc.boolean(), (history, storms) =>
        keepsLettersFor(history, open, storms ? WINDOW_RULES : null),
      ),
      { numRuns: 3_000 },
    ));

  it(
    "care for everybody who fires, alone or in a storm",
    () =>
      fc.assert(
        fc.asyncProperty(fc.oneof(stormy, stormyTogether), (history) => caresForEverybody(history, open)),
        { numRuns: 4_000 },
      ),
    30_000,
  );
});
