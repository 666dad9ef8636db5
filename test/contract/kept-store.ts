import type { LedgerRules } from "../../src/ports/ledger.ts";
import type { LedgerStore } from "../support/embedded-ledger.ts";
import type { OpenLedger } from "./ledger-bench.ts";

/** An empty ledger with its Redis, whose time is `nowMs`, and whose callers' clock is far off. */
export type OpenStore = (rules: LedgerRules, nowMs: () => number) => Promise<LedgerStore>;

/** Opens ledgers, and keeps the Redis behind the last one for whoever looks into it. */
export function keepStore(open: OpenStore) {
  let store: LedgerStore;
  const openKept: OpenLedger = async (rules, nowMs) => {
    store = await open(rules, nowMs);
    return store.ledger;
  };
  return { openKept, keys: () => store.keys, run: (...command: string[]) => store.run(...command) };
}
