import type { GatewayConfig } from "./config/config.ts";
import { Failure } from "./domain/failure.ts";
import { windowRulesBy } from "./domain/storm-rules.ts";
import type { Budget } from "./flows/budget.ts";
import { type Drained, drainLedger } from "./flows/drain-ledger.ts";
import { createApp } from "./http/app.ts";
import { createHealth, type Health } from "./http/health.ts";
import type { Cluster } from "./http/services.ts";
import type { Durations } from "./metrics/durations.ts";
import type { Background } from "./ports/background.ts";
import type { Clock } from "./ports/clock.ts";
import type { Ledger } from "./ports/ledger.ts";
import type { Log } from "./ports/log.ts";
import type { RemediationWriter } from "./ports/remediation-writer.ts";
import type { Breaker, Caller } from "./resilience/breaker.ts";
import { type Breakers, createBreakers } from "./resilience/breakers.ts";
import { guardLedger, guardWriter } from "./resilience/guard.ts";

/** What serves one cluster's alerts. */
export interface ClusterPorts {
  readonly name: string;
  readonly ledger: Ledger;
  readonly writer: RemediationWriter;
}

export interface GatewayParts {
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
  /** Kept by whoever builds a gateway for each request, so that one knows how the calls of the last went. */
  readonly health?: Health;
  /** Kept likewise. */
  readonly breakers?: Breakers;
  /** Kept by a process that can be scraped. */
  readonly durations?: Durations;
}

export interface Gateway {
  fetch(request: Request, background: Background): Promise<Response>;
  /** One round of what is owed to Kubernetes, for every cluster, within one budget; a cluster that cannot be reached does not hold up the others. */
  drain(budget?: Budget): Promise<Drained>;
  /** Turns readiness off, so that no new request comes in. */
  stopping(): void;
}

/** The gateway: ports and settings in, a fetch handler and a drain out. */
export function createGateway(parts: GatewayParts): Gateway {
  const { config, clusters, clock, log, newOperation, random, wake = () => {} } = parts;
  const { health = createHealth(clusters.map(({ name }) => name)) } = parts;
  const { writerTimeoutMs } = config;
  const rulesFor = windowRulesBy(config.storm);
  const {
    breakers = createBreakers(
      clusters.map(({ name }) => name),
      config.breaker,
      clock,
    ),
  } = parts;
  const behind = (caller: Caller) => clusters.map((cluster) => guarded(cluster, { breakers, health, caller }));
  const drained = behind("probe");
  const served = behind("sender").map(({ name, ledger, writer }): [string, Cluster] => [
    name,
    {
      name,
      ledger,
      wake,
      ingest: (background) => ({
        ...{ ledger, writer, background, clock, log, newOperation, writerTimeoutMs, rulesFor },
        storms: { cluster: name, ...config.stormLimits },
      }),
    },
  ]);
  const drainOne = ({ name, ledger, writer }: ClusterPorts, budget?: Budget): Promise<Drained> =>
    drainLedger({ ledger, writer, log, random, newOperation, writerTimeoutMs, storms: { cluster: name, ...config.stormLimits } }, budget);
  const app = createApp({
    credentials: { sources: config.sources, admin: config.adminTokenSha256, read: config.readTokenSha256 },
    clusters: new Map(served),
    limits: config,
    storm: config.storm,
    sweep: async (cluster) => void (await Promise.all(drained.filter(({ name }) => name === cluster).map((one) => drainOne(one)))),
    health,
    breakers,
    durations: parts.durations ?? null,
    log,
    now: clock.now,
    newOperation,
  });
  return {
    fetch: async (request, background) => app.fetch(request, { background }),
    drain: async (budget) => {
      const rounds = drained.map((cluster) =>
        drainOne(cluster, budget).catch((error: unknown): Drained => {
          if (!(error instanceof Failure)) throw error;
          log.warn("drain-failed", { cluster: cluster.name, code: error.code, reason: error.message });
          return { leased: 0, nextInMs: DRAIN_RETRY_MS };
        }),
      );
      return together(await Promise.all(rounds));
    },
    stopping: () => health.stopping(),
  };
}

/** Wait after a drain that could not reach its ledger. */
const DRAIN_RETRY_MS = 2_000;

const together = (rounds: readonly Drained[]): Drained => {
  const next = rounds.flatMap(({ nextInMs }) => (nextInMs === null ? [] : [nextInMs]));
  return { leased: rounds.reduce((sum, { leased }) => sum + leased, 0), nextInMs: next.length === 0 ? null : Math.min(...next) };
};

/** A cluster's ports behind the process' breakers. */
function guarded(
  { name, ledger, writer }: ClusterPorts,
  { breakers, health, caller }: { readonly breakers: Breakers; readonly health: Health; readonly caller: Caller },
): ClusterPorts {
  return {
    name,
    ledger: guardLedger(ledger, breakers.ledger, caller, (works) => health.note(name, "ledger", works)),
    writer: guardWriter(writer, breakers.writers.get(name) as Breaker, caller, (works) => health.note(name, "writer", works)),
  };
}
