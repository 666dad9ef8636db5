import fc from "fast-check";
import { describe, it } from "vitest";
import { openEmbeddedLedger } from "../support/embedded-ledger.ts";
import { RULES, WINDOW_RULES } from "../support/ledger-builders.ts";
import { foreseesAll } from "./ledger-histories.ts";
import { deadly, deadlyStorms, sequential, stormy } from "./ledger-steps.ts";

const open = (nowMs: () => number) => openEmbeddedLedger(RULES, nowMs);

describe("a dry run before each delivery of a history names the verdicts that follow", { timeout: 240_000 }, () => {
  it("where requests end and are deleted", () =>
    fc.assert(
      fc.asyncProperty(sequential, (history) => foreseesAll(history, open, null)),
      { numRuns: 600 },
    ));

  it("where requests cannot be made for a while", () =>
    fc.assert(
      fc.asyncProperty(deadly, (history) => foreseesAll(history, open, null)),
      { numRuns: 300 },
    ));

  it("where alerts are folded into storms", () =>
    fc.assert(
      fc.asyncProperty(stormy, (history) => foreseesAll(history, open, WINDOW_RULES)),
      { numRuns: 600 },
    ));

  it("where the requests of storms cannot be made for a while", () =>
    fc.assert(
      fc.asyncProperty(deadlyStorms, (history) => foreseesAll(history, open, WINDOW_RULES)),
      { numRuns: 300 },
    ));
});
