import { createMemoryLedger } from "../../src/adapters/memory/ledger.ts";
import { ledgerContract } from "./ledger.contract.ts";

ledgerContract("memory", async (rules, nowMs) => createMemoryLedger(rules, { now: nowMs }));
