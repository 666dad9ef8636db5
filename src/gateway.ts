import { pause } from "./adapters/system/pause.ts";
import type { GatewayConfig } from "./config/config.ts";
import { Failure } from "./domain/failure.ts";
import { windowRulesBy } from "./domain/storm-rules.ts";
import type { Budget } from "./flows/budget.ts";
import type { LedgerTrouble } from "./flows/check-ledger.ts";
import { type Drained, drainLedger } from "./flows/drain-ledger.ts";
import { createLeases, type Leases } from "./flows/leases.ts";
import type { StrayOutcomes } from "./flows/stray-outcomes.ts";
import { type FlagMemory, watchingFlags } from "./flows/watch-flags.ts";
import { createGatewayMemory, type GatewayMemory } from "./gateway-memory.ts";
import { createApp } from "./http/app.ts";
import type { Health } from "./http/health.ts";
import type { Cluster } from "./http/services.ts";
import type { OwnMetrics } from "./metrics/own-metrics.ts";
import type { Background } from "./ports/background.ts";
import type { Clock } from "./ports/clock.ts";
import type { Ledger } from "./ports/ledger.ts";
import type { Log } from "./ports/log.ts";
import type { RemediationWriter } from "./ports/remediation-writer.ts";
import { type Breaker, type Caller, PROBE_EVERY_MS } from "./resilience/breaker.ts";
import type { Breakers } from "./resilience/breakers.ts";
import { guardLedger, guardWriter } from "./resilience/guard.ts";

/** What serves one cluster's alerts. */
export interface ClusterPorts {
  readonly name: string;
  readonly ledger: Ledger;
  readonly writer: RemediationWriter;
  /** Most alerts in one call of the ledger, where that is less than ADMIT_MAX. */
  readonly admitMax?: number;
}

export interface GatewayParts {
  readonly role: "gateway" | "all";
  readonly config: GatewayConfig;
  /** At least one, each once. */
  readonly clusters: readonly ClusterPorts[];
  readonly clock: Clock;
  readonly log: Log;
  /** 32 hex, new at each call. */
  readonly newOperation: () => string;
  /** 0 to 1. */
  readonly random: () => number;
  /** Called after each ingest: something may be due by now. */
  readonly wake?: () => void;
  /** Kept by whoever builds a gateway for each request. */
  readonly memory?: GatewayMemory;
  /** Kept by a process that can be scraped. */
  readonly own?: OwnMetrics;
  /** What metrics of ledgers mean, by name; a process has it at hand. */
  readonly helps?: Readonly<Record<string, string>>;
  /** Where the ledger is in a Redis that can be asked: what is wrong with it. */
  readonly checkLedger?: () => Promise<LedgerTrouble | null>;
}

export interface Gateway {
  fetch(request: Request, background: Background): Promise<Response>;
  /** One round of what is owed to Kubernetes, for every cluster, within one budget; a cluster that cannot be reached fails the others nothing. */
  drain(budget?: Budget): Promise<Drained>;
  /** One round of a single cluster, each: a process runs them apart, so that a cluster that hangs holds up no other. */
  readonly drains: readonly (() => Promise<Drained>)[];
  /** Called when nothing is under way any more: hands back what this process has leased and not seen done. */
  giveBack(): Promise<void>;
}

/** The gateway: ports and settings in, a fetch handler and a drain out. */
export function createGateway(parts: GatewayParts): Gateway {
  const { config, clusters, clock, log, newOperation, random, wake = () => {}, own = null } = parts;
  const names = clusters.map(({ name }) => name);
  const { memory = createGatewayMemory(names, config, clock, newOperation) } = parts;
  const { health, breakers, strays, bodies, crowd, flags } = memory;
  const { writerTimeoutMs } = config;
  const rulesFor = windowRulesBy(config.storm);
  const behind = (caller: Caller) => clusters.map((cluster) => guarded(cluster, { breakers, health, caller }));
  const drained = behind("probe").map((one) => ({
    ...one,
    ledger: watchingFlags(one.ledger, one.name, flags.get(one.name) as FlagMemory, log),
  }));
  const leases = new Map(clusters.map(({ name }) => [name, createLeases(writerTimeoutMs + LEASE_BEYOND_MS, clock.now)]));
  const served = behind("sender").map(({ name, ledger, writer, admitMax }): [string, Cluster] => [
    name,
    {
      name,
      ledger,
      wake,
      ingest: (background) => ({
        ...{ ledger, writer, background, clock, log, pause, newOperation, writerTimeoutMs, rulesFor, crowd },
        strays: countedBy(own, name, strays.get(name) as StrayOutcomes),
        ...(admitMax !== undefined && { admitMax }),
        storms: { cluster: name, ...config.stormLimits },
        leases: leases.get(name) as Leases,
      }),
    },
  ]);
  const isTroubled = (name: string) => [breakers.ledger, breakers.writers.get(name)].some((breaker) => breaker?.state() !== "closed");
  const drainOne = ({ name, ledger, writer }: ClusterPorts, budget?: Budget): Promise<Drained> =>
    drainLedger(
      {
        ledger,
        writer,
        clock,
        log,
        random,
        newOperation,
        writerTimeoutMs,
        storms: { cluster: name, ...config.stormLimits },
        troubled: () => isTroubled(name),
      },
      budget,
    );
  /** Why the last round of a cluster failed: the log has it once, not each second. */
  const failing = new Map<string, string>();
  const drainCluster = async (cluster: ClusterPorts, budget?: Budget): Promise<Drained> => {
    const { name } = cluster;
    const round = await drainOne(cluster, budget).then(
      (done) => {
        failing.delete(name);
        return done;
      },
      (error: unknown): Drained => {
        if (!(error instanceof Failure)) throw error;
        const { code, message: reason } = error;
        if (failing.get(name) !== reason) log.warn("drain-failed", { cluster: name, code, reason });
        failing.set(name, reason);
        return { leased: 0, nextInMs: DRAIN_RETRY_MS };
      },
    );
    await probeWriter(cluster, breakers, config);
    const probes = [breakers.ledger, breakers.writers.get(name) as Breaker].map((breaker) => ({ leased: 0, nextInMs: probeInMs(breaker) }));
    return together([round, ...probes]);
  };
  const app = createApp({
    credentials: { sources: config.sources, admin: config.adminTokenSha256, read: config.readTokenSha256 },
    clusters: new Map(served),
    limits: config,
    targetRules: config.targetRules,
    storm: config.storm,
    sweep: async (cluster) => void (await Promise.all(drained.filter(({ name }) => name === cluster).map((one) => drainOne(one)))),
    health,
    breakers,
    bodies,
    own,
    helps: parts.helps ?? {},
    role: parts.role,
    checkLedger: parts.checkLedger ?? (async () => null),
    log,
    now: clock.now,
    pause,
    newOperation,
  });
  return {
    fetch: async (request, background) => app.fetch(request, { background }),
    drain: async (budget) => together(await Promise.all(drained.map((cluster) => drainCluster(cluster, budget)))),
    drains: drained.map((cluster) => () => drainCluster(cluster)),
    giveBack: async () => {
      for (const { name, ledger } of drained)
        await leases
          .get(name)
          ?.giveBack(ledger)
          .catch((error: unknown) => {
            if (!(error instanceof Failure)) throw error;
            log.warn("give-back-failed", { cluster: name, code: error.code, reason: error.message });
          });
    },
  };
}

/** What is decided without the ledger counts in this process as well. */
const countedBy = (own: OwnMetrics | null, cluster: string, strays: StrayOutcomes): StrayOutcomes => ({
  ...strays,
  note(source, results) {
    own?.decided(cluster, results);
    strays.note(source, results);
  },
});

/** How much longer than the writer's timeout an intent is leased: its answer has to reach the ledger. */
const LEASE_BEYOND_MS = 1_000;

/**
 * Finds out whether a proxy that counts as down is up again, also where nothing is to be drained or the ledger cannot say what: alerts without a
 * ledger have no other way. Asks for an object that does not exist.
 */
async function probeWriter(
  { name, writer }: ClusterPorts,
  { writers }: Breakers,
  { fallbackNamespace, writerTimeoutMs }: GatewayConfig,
): Promise<void> {
  if (writers.get(name)?.state() === "closed") return;
  const request = { namespace: fallbackNamespace, name: "breakwater-probe", uid: "breakwater-probe" };
  await writer.perform([{ kind: "observe", request }], writerTimeoutMs).catch((error: unknown) => {
    if (!(error instanceof Failure)) throw error;
  });
}

/** When a drain is to find out more about a dependency, in ms; null: nothing has to be found out. Who answers is soon asked again. */
const probeInMs = ({ state }: Breaker): number | null => ({ closed: null, open: PROBE_EVERY_MS, "half-open": 0 })[state()];

/** Wait after a drain that could not reach its ledger. */
const DRAIN_RETRY_MS = 2_000;

const together = (rounds: readonly Drained[]): Drained => {
  const next = rounds.flatMap(({ nextInMs }) => (nextInMs === null ? [] : [nextInMs]));
  return { leased: rounds.reduce((sum, { leased }) => sum + leased, 0), nextInMs: next.length === 0 ? null : Math.min(...next) };
};

/** A cluster's ports behind the process' breakers. */
function guarded(
  { name, ledger, writer, ...limits }: ClusterPorts,
  { breakers, health, caller }: { readonly breakers: Breakers; readonly health: Health; readonly caller: Caller },
): ClusterPorts {
  return {
    ...limits,
    name,
    ledger: guardLedger(ledger, breakers.ledger, caller, (works) => health.note(name, "ledger", works)),
    writer: guardWriter(writer, breakers.writers.get(name) as Breaker, caller, (works) => health.note(name, "writer", works)),
  };
}
