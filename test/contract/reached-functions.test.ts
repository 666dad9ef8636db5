import { expect, it } from "vitest";
import { lua, openEmbeddedLedger, openEmbeddedStore } from "../support/embedded-ledger.ts";
import { engineFunctions, noting } from "../support/reached-functions.ts";
import { ledgerBoundsContract } from "./ledger-bounds.contract.ts";
import { ledgerContracts } from "./ledger-contracts.ts";
import { ledgerFlagsContract } from "./ledger-flags.contract.ts";
import { ledgerStoreContract } from "./ledger-store.contract.ts";

declare module "vitest" {
  interface TaskMeta {
    /** How many functions the engine has, and how many of them the contracts reach. */
    engineFunctions?: { readonly all: number; readonly reached: number };
  }
}

const reached = new Set<string>();
const noted = noting(lua, reached);

ledgerContracts("the engine, its functions noted", async (rules, nowMs) => openEmbeddedLedger(rules, nowMs, undefined, noted));
ledgerBoundsContract("the engine, its functions noted", async (rules, nowMs) => openEmbeddedStore(rules, nowMs, undefined, noted));
ledgerStoreContract("the engine, its functions noted", async (rules, nowMs) => openEmbeddedStore(rules, nowMs, undefined, noted));
ledgerFlagsContract("the engine, its functions noted", async (rules, nowMs) => openEmbeddedStore(rules, nowMs, undefined, noted));

it("has no function in the engine that these contracts do not reach", ({ task }) => {
  task.meta.engineFunctions = { all: engineFunctions.size, reached: reached.size };
  expect([...engineFunctions].filter((place) => !reached.has(place))).toEqual([]);
});
