import { createMemoryLedger } from "../../src/adapters/memory/ledger.ts";
import { ledgerAdmitContract } from "./ledger-admit.contract.ts";
import type { OpenLedger } from "./ledger-bench.ts";
import { ledgerDeadLettersContract } from "./ledger-dead-letters.contract.ts";
import { ledgerMetricsContract } from "./ledger-metrics.contract.ts";
import { ledgerRelayContract } from "./ledger-relay.contract.ts";
import { ledgerUpkeepContract } from "./ledger-upkeep.contract.ts";

const open: OpenLedger = async (rules, nowMs) => createMemoryLedger(rules, { now: nowMs });

ledgerAdmitContract("memory", open);
ledgerUpkeepContract("memory", open);
ledgerMetricsContract("memory", open);
ledgerRelayContract("memory", open);
ledgerDeadLettersContract("memory", open);
