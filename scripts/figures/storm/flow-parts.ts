import { openRedisInProcess } from "../../../src/adapters/redis/client.ts";
import { createRedisLedger } from "../../../src/adapters/redis/ledger.ts";
import { randomId } from "../../../src/adapters/system/random.ts";
import { connectRedis, executeCommand } from "../../../src/bridge/connection.ts";
import { loadConfig } from "../../../src/config/load.ts";
import { windowRulesBy } from "../../../src/domain/storm-rules.ts";
import type { DrainPorts } from "../../../src/flows/drain-ledger.ts";
import { type IngestPorts, ingestAlerts } from "../../../src/flows/ingest-alerts.ts";
import { createStrayOutcomes } from "../../../src/flows/stray-outcomes.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import type { Ledger } from "../../../src/ports/ledger.ts";
import { alertOf } from "../../../test/support/flow-bench.ts";
import { fingerprint, NOTHING_ASIDE } from "../../../test/support/ledger-builders.ts";
import { createMemoryRemediationWriter, type MemoryWriter } from "../../../test/support/memory-writer.ts";
import { freshName } from "../../../test/support/real-parts.ts";
import { accessTo } from "../../../test/support/redis-access.ts";

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

const loaded = loadConfig({ KUBE_CONFIG: "of-no-use-here" }, "process");
if (!loaded.ok || loaded.config.role !== "all") throw new Error("the default settings are refused");

/** What an installation without any settings decides by. */
export const DEFAULTS = { rules: loaded.config.ledger, storm: loaded.config.gateway.storm, limits: loaded.config.gateway.stormLimits };

/** A connection to a Redis, for ledgers of many clusters. */
export interface Ledgers {
  /** `clock` tells it the time, instead of the server's own; `called` hears of each of its script calls. */
  ledgerOf(cluster: string, clock: Clock, called?: () => void): Ledger;
  close(): void;
}

/** Opens one. */
export async function connectLedgers(url: string): Promise<Ledgers> {
  const connection = connectRedis(accessTo(url), 30_000, quiet);
  await connection.ready();
  return {
    ledgerOf(cluster, clock, called = () => {}) {
      const redis = openRedisInProcess((command) => {
        called();
        return executeCommand(connection, command);
      });
      return createRedisLedger({ redis, engine: "redis" }, { cluster, rules: DEFAULTS.rules, clock, virtualTime: true });
    },
    close: () => connection.close(),
  };
}

/** Flows of one cluster under the default settings, with a writer in memory. */
export interface FlowParts {
  readonly cluster: string;
  readonly ledger: Ledger;
  readonly writer: MemoryWriter;
  readonly ports: IngestPorts & DrainPorts;
  /** Sends one firing alert of a group, a delivery of its own. */
  send(word: string, group: string): Promise<void>;
}

/** Opens them in a cluster of their own. */
export function openFlows({ ledgerOf }: Ledgers, clock: Clock): FlowParts {
  const cluster = freshName("cluster");
  const ledger = ledgerOf(cluster, clock);
  const writer = createMemoryRemediationWriter("kubernaut-system", clock);
  const ports = {
    ...{ ledger, writer, clock, log: quiet, random: Math.random, newOperation: randomId, writerTimeoutMs: 4_000 },
    pause: async () => {},
    background: { run: (work: Promise<unknown>) => void work },
    storms: { cluster, ...DEFAULTS.limits },
    rulesFor: windowRulesBy(DEFAULTS.storm),
    strays: createStrayOutcomes(randomId),
  };
  return {
    ...{ cluster, ledger, writer, ports },
    async send(word, group) {
      const alerts = [alertOf(word, { group: fingerprint(group) })];
      const { kind } = await ingestAlerts(ports, { source: "figures", delivery: randomId(), alerts, ...NOTHING_ASIDE });
      if (kind !== "decided") throw new Error(`no room for ${word}`);
    },
  };
}

/** Opens windows of one alert each, named by their numbers, in as few calls as the ledger takes. */
export async function openWindows({ ports }: FlowParts, windows: number): Promise<void> {
  for (let first = 0; first < windows; first += 500) {
    const numbers = Array.from({ length: Math.min(500, windows - first) }, (_, at) => first + at);
    const alerts = numbers.map((number) => alertOf(`alone ${number}`, { group: fingerprint(`of ${number}`) }));
    await ingestAlerts(ports, { source: "figures", delivery: randomId(), alerts, ...NOTHING_ASIDE });
  }
}
