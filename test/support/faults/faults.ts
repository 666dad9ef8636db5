import { setTimeout as sleep } from "node:timers/promises";
import { FAULTS, type Fault } from "../fault-front.ts";
import type { FaultBench } from "./bench.ts";

/** What a fault may take along, as docs/durability.md has it. */
export type Loss =
  /** What Redis knew when it happened. */
  | "redis-data"
  /** What it acknowledged in its last two seconds. */
  | "redis-tail"
  /** What a proxy had counted without a ledger and not written yet. */
  | "direct-counts";

export interface NamedFault {
  readonly name: string;
  readonly loses?: Loss;
  strike(bench: FaultBench): unknown;
  /** Also where it did not strike. */
  mend(bench: FaultBench): unknown;
  /** It breaks an API server that nobody else may need. */
  readonly needsOwn?: true;
}

const front = (which: "bridge" | "proxy", fault: Fault, share = 1): NamedFault => ({
  name: share === 1 ? `${which}-${fault}` : `${which}-${fault}-sometimes`,
  strike: ({ fronts }) => fronts[which].set(fault, share),
  mend: ({ fronts }) => fronts[which].set(null),
});

const redis: readonly NamedFault[] = [
  { name: "redis-killed", strike: (bench) => bench.redis.kill(), mend: (bench) => bench.redis.start() },
  { name: "redis-frozen", strike: (bench) => bench.redis.freeze(), mend: (bench) => bench.redis.thaw() },
  { name: "redis-read-only", strike: (bench) => bench.redis.readOnly(true), mend: (bench) => bench.redis.readOnly(false) },
  { name: "redis-full", strike: (bench) => bench.redis.full(true), mend: (bench) => bench.redis.full(false) },
  { name: "redis-without-scripts", strike: (bench) => bench.redis.forgetScripts(), mend() {} },
  {
    name: "redis-killed-after",
    loses: "redis-tail",
    strike: ({ redis }) => redis.redis.config("SET", "appendfsync", "everysec"),
    async mend({ redis }) {
      await sleep(KILLED_AFTER_MS);
      await redis.kill();
      await redis.start();
    },
  },
  { name: "redis-forgets", loses: "redis-data", strike: (bench) => bench.redis.forget(), mend() {} },
];

/** How long after everything else is mended a Redis is killed that writes to its disk each second. */
export const KILLED_AFTER_MS = 3_000;

const processes: readonly NamedFault[] = [
  {
    name: "proxy-killed",
    loses: "direct-counts",
    strike: ({ installation }) => installation.proxy.stop("SIGKILL"),
    mend: ({ installation }) => installation.proxy.start(),
  },
  {
    name: "proxy-told-to-stop",
    strike: ({ installation }) => installation.proxy.stop(),
    mend: ({ installation }) => installation.proxy.start(),
  },
  {
    name: "proxy-frozen",
    strike: ({ installation }) => installation.proxy.signal("SIGSTOP"),
    mend: ({ installation }) => installation.proxy.signal("SIGCONT"),
  },
  { name: "gateway-killed", strike: ({ gateways }) => gateways[0].stop("SIGKILL"), mend: ({ gateways }) => gateways[0].start() },
  { name: "gateway-told-to-stop", strike: ({ gateways }) => gateways[1].stop(), mend: ({ gateways }) => gateways[1].start() },
  {
    name: "gateway-frozen",
    strike: ({ gateways }) => gateways[0].signal("SIGSTOP"),
    mend: ({ gateways }) => gateways[0].signal("SIGCONT"),
  },
  {
    name: "bridge-frozen",
    strike: ({ redis }) => process.kill(redis.bridge.pid, "SIGSTOP"),
    mend: ({ redis }) => process.kill(redis.bridge.pid, "SIGCONT"),
  },
];

const kubernetes: readonly NamedFault[] = [
  { name: "kubernetes-cut", strike: (bench) => bench.kubernetes.cut(), mend: (bench) => bench.kubernetes.open() },
  { name: "kubernetes-silent", strike: (bench) => bench.kubernetes.hold(), mend: (bench) => bench.kubernetes.open() },
  { name: "kubernetes-frozen", needsOwn: true, strike: (bench) => bench.apiServer?.freeze(), mend: (bench) => bench.apiServer?.thaw() },
  { name: "kubernetes-killed", needsOwn: true, strike: (bench) => bench.apiServer?.kill(), mend: (bench) => bench.apiServer?.start() },
];

const all: readonly NamedFault[] = [
  ...FAULTS.map((fault) => front("bridge", fault)),
  front("bridge", "drop-after", 0.3),
  ...redis,
  ...FAULTS.filter((fault) => fault !== "answer-429").map((fault) => front("proxy", fault)),
  front("proxy", "drop-after", 0.3),
  ...processes,
  ...kubernetes,
];

/** By name. */
export const NAMED_FAULTS: ReadonlyMap<string, NamedFault> = new Map(all.map((fault) => [fault.name, fault]));

/** Two of them at once. Where the ledger is away and a proxy dies, that is a proxy which dies while it counts. */
export const PAIRS: readonly (readonly [string, string])[] = [
  ["redis-killed", "proxy-killed"],
  ["redis-killed", "gateway-killed"],
  ["redis-frozen", "proxy-frozen"],
  ["redis-forgets", "gateway-killed"],
  ["redis-full", "kubernetes-cut"],
  ["redis-read-only", "kubernetes-silent"],
  ["redis-without-scripts", "gateway-killed"],
  ["bridge-drop-after", "proxy-drop-after"],
  ["bridge-drop-after-sometimes", "proxy-drop-after-sometimes"],
  ["bridge-truncate", "kubernetes-cut"],
  ["bridge-half-open", "proxy-told-to-stop"],
  ["proxy-killed", "gateway-killed"],
  ["redis-killed", "kubernetes-killed"],
  ["bridge-answer-html", "proxy-answer-503"],
  ["gateway-frozen", "redis-killed-after"],
  ["proxy-frozen", "redis-killed-after"],
  ["bridge-frozen", "redis-killed-after"],
];
