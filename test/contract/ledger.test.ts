import { conserving } from "../support/conservation.ts";
import { openEmbeddedLedger, openEmbeddedStore } from "../support/embedded-ledger.ts";
import { ledgerBoundsContract } from "./ledger-bounds.contract.ts";
import { ledgerContracts } from "./ledger-contracts.ts";
import { ledgerFlagsContract } from "./ledger-flags.contract.ts";
import { ledgerStoreContract } from "./ledger-store.contract.ts";

// After each call of every case, everything that is owed is in sight.
ledgerContracts("the engine in process", async (rules, nowMs) => conserving(openEmbeddedLedger(rules, nowMs)));
ledgerBoundsContract("the engine in process", async (rules, nowMs) => openEmbeddedStore(rules, nowMs));
ledgerStoreContract("the engine in process", async (rules, nowMs) => openEmbeddedStore(rules, nowMs));
ledgerFlagsContract("the engine in process", async (rules, nowMs) => openEmbeddedStore(rules, nowMs));
