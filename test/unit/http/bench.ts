import { createHash } from "node:crypto";
import type { Source } from "../../../src/domain/source.ts";
import type { StormPolicy } from "../../../src/domain/storm-rules.ts";
import type { LedgerTrouble } from "../../../src/flows/check-ledger.ts";
import { type ClusterPorts, createGateway } from "../../../src/gateway.ts";
import { LEDGER_HELPS } from "../../../src/metrics/ledger-helps.ts";
import type { OwnMetrics } from "../../../src/metrics/own-metrics.ts";
import type { Ledger, LedgerRules } from "../../../src/ports/ledger.ts";
import type { LogFields } from "../../../src/ports/log.ts";
import { openEmbeddedLedger } from "../../support/embedded-ledger.ts";
import { RULES } from "../../support/ledger-builders.ts";
import { createMemoryRemediationWriter } from "../../support/memory-writer.ts";

export const PROMETHEUS = "/api/v1/signals/prometheus";

export const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

export const TOKENS = { patient: "patient-token", hasty: "hasty-token", read: "read-token", admin: "admin-token" } as const;

const source = (name: keyof typeof TOKENS, backpressureStatus: 429 | 503, alertsPerMinute: number | null): Source => ({
  name,
  cluster: "default",
  bearerSha256: [sha256(TOKENS[name])],
  namespaces: ["*"],
  environment: null,
  backpressureStatus,
  alertsPerMinute,
});

/** What a method of the ledger fails with; null: it works. */
type Fault = ((method: keyof Ledger) => Error) | null;

function breakable(ledger: Ledger): { ledger: Ledger; fail(fault: Fault): void } {
  let fault: Fault = null;
  const calls = Object.entries(ledger).map(([name, method]) => [
    name,
    (...args: never[]) => (fault ? Promise.reject(fault(name as keyof Ledger)) : method(...args)),
  ]);
  return {
    ledger: Object.fromEntries(calls) as Ledger,
    fail(next) {
      fault = next;
    },
  };
}

interface GatewayOptions {
  readonly rules?: Partial<LedgerRules>;
  readonly open?: boolean;
  readonly own?: OwnMetrics;
  /** Off unless given: each alert has its request at once. */
  readonly storm?: StormPolicy;
  /** Of the one cluster, what is not to be as usual. */
  readonly cluster?: Partial<ClusterPorts>;
  /** Beside the one that everything else is about. */
  readonly otherClusters?: readonly ClusterPorts[];
  /** What each of the two sources may send; any number unless given. */
  readonly alertsPerMinute?: number | null;
  /** 5,000 unless given. */
  readonly alertsPerRequestMax?: number;
  readonly checkLedger?: () => Promise<LedgerTrouble | null>;
}

const NO_STORMS: StormPolicy = { enabled: false, defaults: { threshold: 5, firstRequestMs: 45_000, joinMs: 600_000 }, rules: [] };

/** A gateway without a process: two sources (`hasty` is told 429), one cluster in memory, and all that it logs. */
export function openGateway({
  rules = {},
  open = false,
  own,
  storm = NO_STORMS,
  cluster = {},
  otherClusters = [],
  alertsPerMinute = null,
  alertsPerRequestMax = 5_000,
  checkLedger,
}: GatewayOptions = {}) {
  const clock = { now: () => 1_800_000_000_000 };
  const { ledger, fail } = breakable(openEmbeddedLedger({ ...RULES, ...rules }, clock.now));
  const writer = createMemoryRemediationWriter();
  const lines: string[] = [];
  const line = (event: string, fields: LogFields = {}) => void lines.push(JSON.stringify({ event, ...fields }));
  const background: Promise<unknown>[] = [];
  let operations = 0;
  const gateway = createGateway({
    role: "gateway",
    config: {
      sources: open ? [] : [source("patient", 503, alertsPerMinute), source("hasty", 429, alertsPerMinute)],
      storm,
      targetRules: [],
      breaker: { failurePercent: 5, openMs: 300_000 },
      stormLimits: { windowMaxMs: 3_600_000, windowAlertsMax: 100 },
      adminTokenSha256: [sha256(TOKENS.admin)],
      readTokenSha256: [sha256(TOKENS.read)],
      bodyBytesMax: 8 * 1024 * 1024,
      alertsPerRequestMax,
      bodyRoomBytes: 16 * 1024 * 1024,
      fallbackNamespace: "kubernaut-system",
      writerTimeoutMs: 4_000,
    },
    clusters: [{ name: "default", ledger, writer, ...cluster }, ...otherClusters],
    clock,
    log: { debug: line, info: line, warn: line, error: line },
    newOperation: () => (++operations).toString(16).padStart(32, "0"),
    random: () => 0.5,
    ...(own && { own }),
    helps: LEDGER_HELPS,
    ...(checkLedger && { checkLedger }),
  });
  const ask = (path: string, init: { token?: string; method?: string; body?: string | Uint8Array<ArrayBuffer>; headers?: object } = {}) => {
    const { token, method = "GET", body, headers } = init;
    const authorization = token ? { authorization: `Bearer ${token}` } : {};
    const request = new Request(`http://localhost${path}`, {
      method,
      headers: { "content-type": "application/json", ...authorization, ...headers },
      ...(body !== undefined && { body }),
    });
    return gateway.fetch(request, { run: (work) => void background.push(work) });
  };
  const post = (payload: unknown, token: string = TOKENS.patient, path = PROMETHEUS) => {
    const isRaw = typeof payload === "string" || payload instanceof Uint8Array;
    return ask(path, { method: "POST", token, body: isRaw ? (payload as string) : JSON.stringify(payload) });
  };
  return { gateway, writer, lines, fail, ask, post };
}
