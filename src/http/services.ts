import type { Source } from "../domain/source.ts";
import type { StormPolicy } from "../domain/storm-rules.ts";
import type { TargetRule } from "../domain/target/target-rule.ts";
import type { Trace } from "../domain/trace.ts";
import type { LedgerTrouble } from "../flows/check-ledger.ts";
import type { IngestPorts } from "../flows/ingest-alerts.ts";
import type { OwnMetrics } from "../metrics/own-metrics.ts";
import type { Background } from "../ports/background.ts";
import type { Ledger } from "../ports/ledger.ts";
import type { Log } from "../ports/log.ts";
import type { Breakers } from "../resilience/breakers.ts";
import type { BodyRoom } from "./body-room.ts";
import type { Health } from "./health.ts";

/** Bearer tokens' SHA-256, 64 lower-case hex, by what they open. */
export interface Credentials {
  /** Empty: whoever reaches the loopback address may send, as the source `local`. */
  readonly sources: readonly Source[];
  readonly admin: readonly string[];
  readonly read: readonly string[];
}

export interface Cluster {
  readonly name: string;
  readonly ledger: Ledger;
  readonly ingest: (background: Background) => IngestPorts;
  /** Something may be due by now. */
  readonly wake: () => void;
}

/** What the routes work with. */
export interface Services {
  readonly credentials: Credentials;
  /** By name; a source's cluster is always among them. */
  readonly clusters: ReadonlyMap<string, Cluster>;
  readonly limits: { readonly bodyBytesMax: number; readonly alertsPerRequestMax: number };
  /** What operators say alerts are about. */
  readonly targetRules: readonly TargetRule[];
  /** How alerts are folded into storms. */
  readonly storm: StormPolicy;
  /** One round of what is due in a cluster, now. Throws `Failure` when its ledger cannot be reached. */
  readonly sweep: (cluster: string) => Promise<void>;
  readonly health: Health;
  /** What is wrong with the Redis of the ledgers. */
  readonly checkLedger: () => Promise<LedgerTrouble | null>;
  readonly breakers: Breakers;
  /** What is taken in of bodies at once. */
  readonly bodies: BodyRoom;
  /** Null: nobody can scrape this process. */
  readonly own: OwnMetrics | null;
  /** What metrics of ledgers mean, by name; empty where nobody carries it. */
  readonly helps: Readonly<Record<string, string>>;
  /** What the process is, in the word of its setting. */
  readonly role: string;
  readonly log: Log;
  readonly now: () => number;
  /** Lets other requests have their turn. */
  readonly pause: () => Promise<void>;
  readonly newOperation: () => string;
}

/** What Hono carries along with a request. */
export interface Env {
  Bindings: { readonly background: Background };
  Variables: {
    /** Who sends alerts; undefined: nobody that is known. */
    source: Source;
    /** Of a webhook: its id (32 hex), its trace, and a log whose lines name both. */
    request: { readonly id: string; readonly trace: Trace; readonly log: Log };
    /** Of a webhook: how many of its alerts had which outcome; undefined: none was decided. */
    outcomes?: Readonly<Record<string, number>>;
    /** The source that reads; undefined: whoever it is may read all. */
    sender?: Source;
    /** First 8 hex of an admin token's hash. */
    administrator: string;
  };
}
