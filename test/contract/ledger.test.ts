import { createMemoryLedger } from "../../src/adapters/memory/ledger.ts";
import { ledgerAdmitContract } from "./ledger-admit.contract.ts";
import type { OpenLedger } from "./ledger-bench.ts";
import { ledgerDeadLettersContract } from "./ledger-dead-letters.contract.ts";
import { ledgerDeliveriesContract } from "./ledger-deliveries.contract.ts";
import { ledgerMetricsContract } from "./ledger-metrics.contract.ts";
import { ledgerRelayContract } from "./ledger-relay.contract.ts";
import { ledgerSightsContract } from "./ledger-sights.contract.ts";
import { ledgerStormEndsContract } from "./ledger-storm-ends.contract.ts";
import { ledgerStormsContract } from "./ledger-storms.contract.ts";
import { ledgerUpkeepContract } from "./ledger-upkeep.contract.ts";
import { ledgerWindowsContract } from "./ledger-windows.contract.ts";

const open: OpenLedger = async (rules, nowMs) => createMemoryLedger(rules, { now: nowMs });

ledgerAdmitContract("memory", open);
ledgerDeliveriesContract("memory", open);
ledgerUpkeepContract("memory", open);
ledgerMetricsContract("memory", open);
ledgerRelayContract("memory", open);
ledgerDeadLettersContract("memory", open);
ledgerWindowsContract("memory", open);
ledgerStormsContract("memory", open);
ledgerStormEndsContract("memory", open);
ledgerSightsContract("memory", open);
