import type { WindowRules } from "../../src/domain/window-rules.ts";
import type { LedgerRules } from "../../src/ports/ledger.ts";
import { RULES } from "../support/ledger-builders.ts";

/** The default settings with times that a short history gets through. */
export const LEDGER_RULES: LedgerRules = {
  ...RULES,
  stateTtlMs: 10_000,
  fallbackTtlMs: 60_000,
  deliveryTtlMs: 60_000,
  windowMaxMs: 180_000,
};

export const WINDOW: WindowRules = { threshold: 3, firstRequestMs: 15_000, joinMs: 60_000 };

export const STORMS = { cluster: "simulated", windowMaxMs: LEDGER_RULES.windowMaxMs, windowAlertsMax: LEDGER_RULES.windowAlertsMax };
