import { Failure } from "../../src/domain/failure.ts";
import { type DrainPorts, drainLedger } from "../../src/flows/drain-ledger.ts";
import { startDrainLoop } from "../../src/flows/drain-loop.ts";
import { type Ingested, type IngestPorts, ingestAlerts, type Posted } from "../../src/flows/ingest-alerts.ts";
import { createStrayOutcomes } from "../../src/flows/stray-outcomes.ts";
import type { OperationResult, RemediationWriter } from "../../src/ports/remediation-writer.ts";
import type { Process } from "./process.ts";
import { Draws } from "./random.ts";
import { remoteLedger } from "./remote-ledger.ts";
import { STORMS, WINDOW } from "./rules.ts";
import type { World } from "./world.ts";

const WRITER_TIMEOUT_MS = 4_000;

/** What the proxy has of it: a tenth is for the way. */
const PROXY_SHARE = 0.9;

const DRAIN_RETRY_MS = 2_000;

export interface Gateway {
  readonly process: Process;
  ingest(posted: Posted): Promise<Ingested>;
}

/** The real flows over the simulated world: it takes alerts in, and drains. */
export function startGateway(world: World, process: Process): Gateway {
  const ports = portsOf(world, process);
  return process.run(() => {
    const drain = () =>
      drainLedger(ports).catch((error: unknown) => {
        if (!(error instanceof Failure)) throw error;
        return { leased: 0, nextInMs: DRAIN_RETRY_MS };
      });
    const loop = startDrainLoop(drain);
    const ingest = async (posted: Posted) => {
      const ingested = await ingestAlerts(ports, posted);
      loop.wake();
      return ingested;
    };
    return { process, ingest };
  });
}

/** One round of a sweep that ends with it. */
export function drainOnce(world: World, process: Process): void {
  process.run(() => {
    drainLedger(portsOf(world, process)).catch((error: unknown) => {
      if (!(error instanceof Failure)) world.broken(error);
    });
  });
}

function portsOf(world: World, process: Process): IngestPorts & DrainPorts {
  const { network, time, plan, log } = world;
  return {
    ledger: remoteLedger(world.ledger, network, process),
    writer: remoteWriter(world, process),
    background: { run: (work) => void work.catch((error: unknown) => error instanceof Failure || world.broken(error)) },
    clock: { now: () => time.nowMs + process.skewMs },
    log,
    random: new Draws(plan.seed, process.name).next,
    pause: async () => {},
    newOperation: world.newOperation,
    writerTimeoutMs: WRITER_TIMEOUT_MS,
    storms: { ...STORMS, windowAlertsMax: plan.windowAlertsMax },
    strays: createStrayOutcomes(world.newOperation),
    rulesFor: () => (plan.storms ? WINDOW : null),
  };
}

/** Any of the proxies, as one address stands for all. */
function remoteWriter(world: World, process: Process): RemediationWriter {
  const draws = new Draws(world.plan.seed, `${process.name} proxies`);
  return {
    perform(operations, timeoutMs) {
      const proxy = draws.from(world.proxies);
      world.countedDirectly ||= operations.some(({ kind }) => kind === "count");
      return world.network.call<readonly OperationResult[]>({
        ...{ from: process, to: proxy.process, place: proxy.process.name.split(".")[0] ?? "", what: "perform", timeoutMs },
        arrive: () => proxy.writer.perform(operations, timeoutMs * PROXY_SHARE),
        failed: (effect) => new Failure("writer-unavailable", "lost by the simulator", effect),
      });
    },
  };
}
