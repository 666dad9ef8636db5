import { openEmbeddedLedger } from "../support/embedded-ledger.ts";
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

const open: OpenLedger = async (rules, nowMs) => openEmbeddedLedger(rules, nowMs);

ledgerAdmitContract("the engine in process", open);
ledgerDeliveriesContract("the engine in process", open);
ledgerUpkeepContract("the engine in process", open);
ledgerMetricsContract("the engine in process", open);
ledgerRelayContract("the engine in process", open);
ledgerDeadLettersContract("the engine in process", open);
ledgerWindowsContract("the engine in process", open);
ledgerStormsContract("the engine in process", open);
ledgerStormEndsContract("the engine in process", open);
ledgerSightsContract("the engine in process", open);
