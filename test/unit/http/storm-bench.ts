import { type StormPolicy, windowRulesBy } from "../../../src/domain/storm-rules.ts";
import { createStrayOutcomes } from "../../../src/flows/stray-outcomes.ts";
import { createApp } from "../../../src/http/app.ts";
import { createBodyRoom } from "../../../src/http/body-room.ts";
import { createHealth } from "../../../src/http/health.ts";
import { openapi } from "../../../src/http/openapi/document.ts";
import type { Cluster } from "../../../src/http/services.ts";
import type { Ledger } from "../../../src/ports/ledger.ts";
import type { LogFields } from "../../../src/ports/log.ts";
import { createBreakers } from "../../../src/resilience/breakers.ts";
import { type OpenApi, undescribed } from "../../runtime/described.ts";
import { STORMS } from "../../support/ledger-builders.ts";
import { createMemoryRemediationWriter } from "../../support/memory-writer.ts";
import { sha256, TOKENS } from "./bench.ts";

export const POLICY: StormPolicy = { enabled: true, defaults: { threshold: 5, firstRequestMs: 45_000, joinMs: 600_000 }, rules: [] };

interface Options {
  /** By cluster: the methods that its ledger has. */
  readonly ledgers?: Readonly<Record<string, Partial<Ledger>>>;
  readonly open?: boolean;
  readonly policy?: StormPolicy;
  readonly sweep?: (cluster: string) => Promise<void>;
}

/** The routes on ledgers that hold what a test gives them. Sources `patient` and `hasty`, which is told 429, belong to the cluster `eu`. */
export function openRoutes({ ledgers = { eu: {} }, open = false, policy = POLICY, sweep = async () => {} }: Options = {}) {
  const clock = { now: () => 1_800_000_000_000 };
  const lines: object[] = [];
  const woken: string[] = [];
  const line = (event: string, fields: LogFields = {}) => void lines.push({ event, ...fields });
  const source = (name: "patient" | "hasty") => ({
    name,
    cluster: "eu",
    bearerSha256: [sha256(TOKENS[name])],
    namespaces: ["*"],
    environment: null,
    backpressureStatus: name === "hasty" ? (429 as const) : (503 as const),
    alertsPerMinute: null,
  });
  const log = { debug: line, info: line, warn: line, error: line };
  const newOperation = () => "0".repeat(32);
  const clusters = Object.entries(ledgers as Readonly<Record<string, Ledger>>).map(([name, ledger]): [string, Cluster] => {
    const ports = {
      ledger,
      writer: createMemoryRemediationWriter(),
      clock,
      log,
      newOperation,
      pause: async () => {},
      writerTimeoutMs: 4_000,
      storms: STORMS,
      strays: createStrayOutcomes(newOperation),
      rulesFor: windowRulesBy(policy),
    };
    return [name, { name, ledger, ingest: (background) => ({ ...ports, background }), wake: () => void woken.push(name) }];
  });
  const app = createApp({
    credentials: {
      sources: open ? [] : [source("patient"), source("hasty")],
      admin: [sha256(TOKENS.admin)],
      read: [sha256(TOKENS.read)],
    },
    clusters: new Map(clusters),
    limits: { bodyBytesMax: 8 * 1024 * 1024, alertsPerRequestMax: 5_000 },
    bodies: createBodyRoom(16 * 1024 * 1024, () => 0),
    own: null,
    helps: {},
    pause: async () => {},
    targetRules: [],
    storm: policy,
    sweep,
    health: createHealth(Object.keys(ledgers)),
    checkLedger: async () => null,
    breakers: createBreakers(Object.keys(ledgers), { failurePercent: 5, openMs: 300_000 }, clock),
    role: "gateway",
    log,
    now: clock.now,
    newOperation,
  });
  /** The answer, which is as the document describes it. */
  const ask = async (path: string, init: { token?: string | null; method?: string; body?: string; headers?: object } = {}) => {
    const { token = TOKENS.admin, method = "GET", body, headers } = init;
    const json = method === "POST" ? { "content-type": "application/json" } : {};
    const request = new Request(`http://localhost${path}`, {
      method,
      headers: { ...json, ...(token && { authorization: `Bearer ${token}` }), ...headers },
      ...(body !== undefined && { body }),
    });
    const response = await app.fetch(request, { background: { run() {} } });
    const [status, answer, contentType] = [response.status, await response.text(), response.headers.get("content-type") ?? ""];
    const given = { method, path: path.split("?")[0] ?? "", status, contentType, text: answer };
    const undocumented = undescribed(openapi as unknown as OpenApi, given);
    if (undocumented.length > 0) throw new Error(undocumented.join("\n"));
    return { status, headers: response.headers, json: JSON.parse(answer) as Record<string, unknown> };
  };
  return { ask, lines, woken };
}
