import { createMemoryLedger } from "../../src/adapters/memory/ledger.ts";
import { openEmbeddedLedger } from "../support/embedded-ledger.ts";
import { ledgerAdmitContract } from "./ledger-admit.contract.ts";
import type { OpenLedger } from "./ledger-bench.ts";
import { ledgerDeadLettersContract } from "./ledger-dead-letters.contract.ts";
import { ledgerMetricsContract } from "./ledger-metrics.contract.ts";
import { ledgerRelayContract } from "./ledger-relay.contract.ts";
import { ledgerSightsContract } from "./ledger-sights.contract.ts";
import { ledgerStormEndsContract } from "./ledger-storm-ends.contract.ts";
import { ledgerStormsContract } from "./ledger-storms.contract.ts";
import { ledgerUpkeepContract } from "./ledger-upkeep.contract.ts";
import { ledgerWindowsContract } from "./ledger-windows.contract.ts";

const hosts: readonly (readonly [name: string, open: OpenLedger])[] = [
  ["memory", async (rules, nowMs) => createMemoryLedger(rules, { now: nowMs })],
  ["the engine in process", async (rules, nowMs) => openEmbeddedLedger(rules, nowMs)],
];

for (const [name, open] of hosts) {
  ledgerAdmitContract(name, open);
  ledgerUpkeepContract(name, open);
  ledgerMetricsContract(name, open);
  ledgerRelayContract(name, open);
  ledgerDeadLettersContract(name, open);
  ledgerWindowsContract(name, open);
  ledgerStormsContract(name, open);
  ledgerStormEndsContract(name, open);
  ledgerSightsContract(name, open);
}
