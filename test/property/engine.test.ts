import fc from "fast-check";
import { describe, it } from "vitest";
import { createMemoryLedger } from "../../src/adapters/memory/ledger.ts";
import { openEmbeddedLedger } from "../support/embedded-ledger.ts";
import { RULES, WINDOW_RULES } from "../support/ledger-builders.ts";
import { agrees } from "./ledger-histories.ts";
import { deadly, deadlyStorms, sequential, stormy } from "./ledger-steps.ts";

const memory = (nowMs: () => number) => createMemoryLedger(RULES, { now: nowMs });
const embedded = (nowMs: () => number) => openEmbeddedLedger(RULES, nowMs);

describe("the engine in process answers as the memory ledger does in histories", { timeout: 120_000 }, () => {
  it.each([
    ["of repeats and lost calls", sequential, null],
    ["of storms", stormy, WINDOW_RULES],
    ["in which requests cannot be made for a while", deadly, null],
    ["in which requests of storms cannot be made for a while", deadlyStorms, WINDOW_RULES],
  ] as const)("%s", async (_, histories, rules) => {
    await fc.assert(
      fc.asyncProperty(histories, (history) => agrees(history, memory, embedded, rules)),
      { numRuns: 200 },
    );
  });
});
