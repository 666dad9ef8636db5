import fc from "fast-check";
import { describe, it } from "vitest";
import { openEmbeddedLedger } from "../support/embedded-ledger.ts";
import { RULES, WINDOW_RULES } from "../support/ledger-builders.ts";
import { keepsLettersFor } from "./ledger-histories.ts";
import { deadly, deadlyStorms } from "./ledger-steps.ts";

const open = (nowMs: () => number) => openEmbeddedLedger(RULES, nowMs);

describe("histories in which requests cannot be made: the engine in process", { timeout: 240_000 }, () => {
  it("leave a request or a letter for everybody who fires, and a request once it is replayed", () =>
    fc.assert(
      fc.asyncProperty(fc.oneof(deadly, deadlyStorms), fc.boolean(), (history, storms) =>
        keepsLettersFor(history, open, storms ? WINDOW_RULES : null),
      ),
      { numRuns: 3_000 },
    ));
});
