import fc from "fast-check";
import { describe, it } from "vitest";
import { openEmbeddedLedger } from "../support/embedded-ledger.ts";
import { RULES } from "../support/ledger-builders.ts";
import { accountsForEverything } from "./ledger-histories.ts";
import { concurrent, mortal } from "./ledger-steps.ts";

const open = (nowMs: () => number) => openEmbeddedLedger(RULES, nowMs);

/** Minutes where the two cores are shared: a history is some 60 calls of the engine. */
const HISTORIES_MS = 240_000;

describe("histories with repeats, lost calls and replies, several gateways: the engine in process", { timeout: HISTORIES_MS }, () => {
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
});
