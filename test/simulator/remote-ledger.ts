import { Failure } from "../../src/domain/failure.ts";
import type { Ledger } from "../../src/ports/ledger.ts";
import type { Network } from "./network.ts";
import type { Process } from "./process.ts";

const TIMEOUT_MS = 1_500;

/** The ledger as a process reaches it. */
export function remoteLedger(service: Ledger, network: Network, process: Process): Ledger {
  const remote =
    <Args extends unknown[], Value>(what: keyof Ledger, method: (...args: Args) => Promise<Value>) =>
    (...args: Args): Promise<Value> =>
      network.call({
        ...{ from: process, to: null, place: "ledger", what, timeoutMs: TIMEOUT_MS },
        arrive: () => method(...args),
        failed: (effect) => new Failure("ledger-unavailable", "lost by the simulator", effect),
      });
  return {
    ...service,
    admit: remote("admit", service.admit),
    recall: remote("recall", service.recall),
    fact: remote("fact", service.fact),
    lease: remote("lease", service.lease),
    settle: remote("settle", service.settle),
    sweep: remote("sweep", service.sweep),
    crew: remote("crew", service.crew),
    drafts: remote("drafts", service.drafts),
    heartbeat: remote("heartbeat", service.heartbeat),
  };
}
