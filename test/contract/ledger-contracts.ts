import { ledgerAdmitContract } from "./ledger-admit.contract.ts";
import type { OpenLedger } from "./ledger-bench.ts";
import { ledgerBlindContract } from "./ledger-blind.contract.ts";
import { ledgerCanaryContract } from "./ledger-canary.contract.ts";
import { ledgerConservationContract } from "./ledger-conservation.contract.ts";
import { ledgerDeadLettersContract } from "./ledger-dead-letters.contract.ts";
import { ledgerDeliveriesContract } from "./ledger-deliveries.contract.ts";
import { ledgerFairnessContract } from "./ledger-fairness.contract.ts";
import { ledgerInvalidLettersContract } from "./ledger-invalid-letters.contract.ts";
import { ledgerLateMembersContract } from "./ledger-late-members.contract.ts";
import { ledgerLetterRoomContract } from "./ledger-letter-room.contract.ts";
import { ledgerMetricsContract } from "./ledger-metrics.contract.ts";
import { ledgerOffContract } from "./ledger-off.contract.ts";
import { ledgerRefiresContract } from "./ledger-refires.contract.ts";
import { ledgerRelayContract } from "./ledger-relay.contract.ts";
import { ledgerRoomContract } from "./ledger-room.contract.ts";
import { ledgerSettlementsContract } from "./ledger-settlements.contract.ts";
import { ledgerSightsContract } from "./ledger-sights.contract.ts";
import { ledgerStormEndsContract } from "./ledger-storm-ends.contract.ts";
import { ledgerStormsContract } from "./ledger-storms.contract.ts";
import { ledgerUpkeepContract } from "./ledger-upkeep.contract.ts";
import { ledgerUrgencyContract } from "./ledger-urgency.contract.ts";
import { ledgerWindowsContract } from "./ledger-windows.contract.ts";

/** Everything that every ledger promises. */
export function ledgerContracts(name: string, open: OpenLedger): void {
  ledgerAdmitContract(name, open);
  ledgerDeliveriesContract(name, open);
  ledgerRefiresContract(name, open);
  ledgerUpkeepContract(name, open);
  ledgerMetricsContract(name, open);
  ledgerConservationContract(name, open);
  ledgerRelayContract(name, open);
  ledgerDeadLettersContract(name, open);
  ledgerInvalidLettersContract(name, open);
  ledgerLetterRoomContract(name, open);
  ledgerWindowsContract(name, open);
  ledgerStormsContract(name, open);
  ledgerStormEndsContract(name, open);
  ledgerSettlementsContract(name, open);
  ledgerSightsContract(name, open);
  ledgerUrgencyContract(name, open);
  ledgerLateMembersContract(name, open);
  ledgerFairnessContract(name, open);
  ledgerRoomContract(name, open);
  ledgerCanaryContract(name, open);
  ledgerBlindContract(name, open);
  ledgerOffContract(name, open);
}
