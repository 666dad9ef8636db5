import { expect, it } from "vitest";
import { conserving } from "../support/conservation.ts";
import { lua, openEmbeddedLedger, openEmbeddedStore } from "../support/embedded-ledger.ts";
import { engineFunctions, noting } from "../support/reached-functions.ts";
import { ledgerBoundsContract } from "./ledger-bounds.contract.ts";
import { ledgerContracts } from "./ledger-contracts.ts";
import { ledgerFlagsContract } from "./ledger-flags.contract.ts";
import { ledgerLetterPlacesContract } from "./ledger-letter-places.contract.ts";
import { ledgerStoreContract } from "./ledger-store.contract.ts";

declare module "vitest" {
  interface TaskMeta {
    /** How many functions the engine has, and how many of them the contracts reach. */
    engineFunctions?: { readonly all: number; readonly reached: number };
  }
}

/** Which of the engine's functions run. */
const reached = new Set<string>();
const noted = noting(lua, reached);

// After each call of every case, everything that is owed is in sight.
ledgerContracts("the engine in process", async (rules, nowMs) => conserving(openEmbeddedLedger(rules, nowMs, undefined, noted)));
ledgerBoundsContract("the engine in process", async (rules, nowMs) => openEmbeddedStore(rules, nowMs, undefined, noted));
ledgerLetterPlacesContract("the engine in process", async (rules, nowMs) => openEmbeddedStore(rules, nowMs, undefined, noted));
ledgerStoreContract("the engine in process", async (rules, nowMs) => openEmbeddedStore(rules, nowMs, undefined, noted));
ledgerFlagsContract("the engine in process", async (rules, nowMs) => openEmbeddedStore(rules, nowMs, undefined, noted));

it("has no function in the engine that these contracts do not reach", ({ task }) => {
  task.meta.engineFunctions = { all: engineFunctions.size, reached: reached.size };
  expect([...engineFunctions].filter((place) => !reached.has(place))).toEqual([]);
});
