import { openEmbeddedLedger } from "../support/embedded-ledger.ts";
import { ledgerContracts } from "./ledger-contracts.ts";

ledgerContracts("the engine in process", async (rules, nowMs) => openEmbeddedLedger(rules, nowMs));
