import type { GatewayConfig } from "./config/config.ts";
import { Failure } from "./domain/failure.ts";
import { windowRulesBy } from "./domain/storm-rules.ts";
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
  /** Kept by a process that can be scraped. */
  readonly durations?: Durations;
}

export interface Gateway {
  fetch(request: Request, background: Background): Promise<Response>;
  /** One round of what is owed to Kubernetes, for every cluster; one that cannot be reached does not hold up the others. */
  drain(): Promise<Drained>;
  /** Turns readiness off, so that no new request comes in. */
  stopping(): void;
}

/** The gateway: ports and settings in, a fetch handler and a drain out. */
export function createGateway(parts: GatewayParts): Gateway {
  const { config, clusters, clock, log, newOperation, random, wake = () => {} } = parts;
  const { health = createHealth(clusters.map(({ name }) => name)) } = parts;
  const { writerTimeoutMs } = config;
  const rulesFor = windowRulesBy(config.storm);
  const watched = clusters.map((ports) => ({ ...ports, ledger: watch(ports.ledger, (works) => health.note(ports.name, works)) }));
  const served = watched.map(({ name, ledger, writer }): [string, Cluster] => [
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
  const drainOne = ({ name, ledger, writer }: ClusterPorts): Promise<Drained> =>
    drainLedger({ ledger, writer, log, random, newOperation, writerTimeoutMs, storms: { cluster: name, ...config.stormLimits } });
  const app = createApp({
    credentials: { sources: config.sources, admin: config.adminTokenSha256, read: config.readTokenSha256 },
    clusters: new Map(served),
    limits: config,
    storm: config.storm,
    sweep: async (cluster) => void (await Promise.all(watched.filter(({ name }) => name === cluster).map(drainOne))),
    health,
    durations: parts.durations ?? null,
    log,
    now: clock.now,
    newOperation,
  });
  return {
    fetch: async (request, background) => app.fetch(request, { background }),
    drain: async () => {
      const rounds = watched.map((cluster) =>
        drainOne(cluster).catch((error: unknown): Drained => {
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

/** The same ledger, with a note of how each call went. */
function watch(ledger: Ledger, note: (works: boolean) => void): Ledger {
  const noting =
    <Args extends unknown[], Value>(method: (...args: Args) => Promise<Value>) =>
    async (...args: Args): Promise<Value> => {
      try {
        const value = await method(...args);
        note(true);
        return value;
      } catch (error) {
        note(false);
        throw error;
      }
    };
  return {
    admit: noting(ledger.admit),
    fact: noting(ledger.fact),
    lease: noting(ledger.lease),
    settle: noting(ledger.settle),
    sweep: noting(ledger.sweep),
    crew: noting(ledger.crew),
    heartbeat: noting(ledger.heartbeat),
    glimpse: noting(ledger.glimpse),
    windows: noting(ledger.windows),
    window: noting(ledger.window),
    flush: noting(ledger.flush),
    receipt: noting(ledger.receipt),
    deadLetters: noting(ledger.deadLetters),
    deadLetter: noting(ledger.deadLetter),
    replay: noting(ledger.replay),
    discard: noting(ledger.discard),
    counters: noting(ledger.counters),
    survey: noting(ledger.survey),
  };
}
