import { readdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, it } from "vitest";
import { objectsIn, type Shown } from "../../../test/support/checker.ts";
import { type FaultBench, startFaultBench } from "../../../test/support/faults/bench.ts";
import { NAMED_FAULTS, type NamedFault } from "../../../test/support/faults/faults.ts";
import { deliveriesOf, LOADS, type Load, sendAll, type Taken } from "../../../test/support/faults/load.ts";
import { recover } from "../../../test/support/faults/scenario.ts";
import { pathOf } from "../../../test/support/requests.ts";
import { pause } from "../bench.ts";
import { percentile, report } from "../figure.ts";
import { tell } from "../progress.ts";

// Ten minutes of alerts with a fault each half minute, in a cluster where what is done with is deleted. In the last quarter every process holds about as
// much memory and as many handles as in the second, as the medians of each say, and at the end Redis no key that would stay for ever and grow. In the first
// quarter alerts come as fast as they are answered, so that each process has had all the memory that it takes at times.

const SOAK_MS = 600_000;
const QUARTER_MS = SOAK_MS / 4;
/** Between two rounds of alerts, after the first quarter. */
const CALM_MS = 500;
const FAULT_EVERY_MS = 30_000;
const FAULT_MS = 4_000;
const FAULTS = ["bridge-drop-after", "redis-frozen", "proxy-truncate", "kubernetes-cut", "redis-read-only", "bridge-half-open"];

/** Keys without an end of life that docs/design.md lists: one a cluster, each capped or empty at rest, and one a group of alerts whose storm takes alerts. */
const ENDLESS =
  /^bw1:\{[^}]+\}:(intents|intents:(of|since|turns|served)|counts|counts:(turns|served)|sealed|counters|windows|buffered|letters:index|rates|flags|canary|group:\w+|members:\w+)$/;

/** Node looks through all of its heap only when that is full: here as soon as in a container of a few hundred MiB, not as this machine would let it. */
const HEAP = "--max-old-space-size=96";

/** How long after its sending nobody has anything left to do for an alert that came once. */
const DONE_MS = 30_000;
const TIDY_EVERY_MS = 5_000;

let bench: FaultBench;
beforeAll(async () => {
  bench = await startFaultBench({ own: true, random: Math.random, gateway: { NODE_OPTIONS: HEAP } });
});
afterAll(async () => await bench?.stop());

interface Footprint {
  readonly rssMb: number;
  readonly handles: number;
}

const processes = () => ({
  "gateway-bun": bench.gateways[0].pid(),
  "gateway-node": bench.gateways[1].pid(),
  proxy: bench.installation.proxy.pid(),
  bridge: bench.redis.bridge.pid,
});
const footprintOf = (pid: number): Footprint => ({
  rssMb: Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1_024,
  handles: readdirSync(`/proc/${pid}/fd`).length,
});
const footprints = () => new Map(Object.entries(processes()).map(([name, pid]) => [name, footprintOf(pid)]));

/** What each process holds at the median of a quarter: memory is given back when a runtime likes. */
async function mediansOfQuarter(): Promise<Map<string, Footprint>> {
  const looks: Map<string, Footprint>[] = [];
  for (const endMs = performance.now() + QUARTER_MS; performance.now() < endMs; await pause(1_000)) looks.push(footprints());
  const medianOf = (name: string, of: keyof Footprint) =>
    percentile(
      looks.flatMap((look) => look.get(name)?.[of] ?? []),
      0.5,
    );
  return new Map(Object.keys(processes()).map((name) => [name, { rssMb: medianOf(name, "rssMb"), handles: medianOf(name, "handles") }]));
}

async function keysWithoutEnd(): Promise<string[]> {
  const { redis } = bench.redis;
  const keys = await redis.keys("*");
  const lives = await Promise.all(keys.map((key) => redis.pttl(key)));
  const endless = keys.filter((key, at) => lives[at] === -1 && !ENDLESS.test(key));
  const states = await Promise.all(endless.map((key) => redis.hget(key, "state").catch(() => null)));
  // A member of a storm stays as long as its storm does.
  return endless.filter((_, at) => states[at] !== "held");
}

/** Breaks one thing after the other, and mends it. */
async function breakThings(isOver: () => boolean): Promise<void> {
  for (let n = 0; !isOver(); n += 1) {
    const fault = NAMED_FAULTS.get(FAULTS[n % FAULTS.length] ?? "") as NamedFault;
    await fault.strike(bench);
    await pause(FAULT_MS);
    await fault.mend(bench);
    await pause(FAULT_EVERY_MS - FAULT_MS);
  }
}

/** Deletes the requests of alerts that came once, as whoever remediates does in the end, and keeps what they held. */
async function tidyUp(namespace: string, taken: readonly Taken[], deleted: Shown[], isOver: () => boolean): Promise<void> {
  for (; !isOver(); await pause(TIDY_EVERY_MS)) {
    const done = taken.filter(({ delivery, sentMs }) => delivery.key.includes("-new-") && performance.now() - sentMs >= DONE_MS);
    const fingerprints = new Set(done.flatMap(({ results }) => results.map(({ fingerprint }) => fingerprint)));
    for (const object of await objectsIn(bench, namespace)) {
      if (!fingerprints.has(object.spec.signalFingerprint)) continue;
      const { status } = await bench.askApi(pathOf(namespace, object.metadata.name), { method: "DELETE" });
      if (status !== 200) throw new Error(`the API server answered ${status} to a deletion`);
      deleted.push({ ...object, metadata: { ...object.metadata, deletionTimestamp: new Date().toISOString() } });
    }
  }
}

it("ten minutes of faults", { timeout: 1_200_000 }, async (context) => {
  const namespace = await bench.namespace();
  const sender = { urls: bench.gateways.map(({ url }) => url), token: bench.installation.sourceToken, atOnce: 4 };
  const endMs = performance.now() + SOAK_MS;
  const isOver = () => performance.now() >= endMs;
  const isFirstQuarter = () => performance.now() < endMs - 3 * QUARTER_MS;
  const [taken, answersMs, deleted]: [Taken[], number[], Shown[]] = [[], [], []];
  const load = async () => {
    for (let round = 0; !isOver(); round += 1) {
      const kinds = LOADS.filter((kind) => kind !== "new" || round % 10 === 0);
      const fresh = (kind: Load) => (kind === "new" ? round * 10 : 0);
      const deliveries = kinds.flatMap((kind) =>
        deliveriesOf(kind, namespace, 100, fresh(kind)).map((one) => ({ ...one, key: `${one.key}-${round}` })),
      );
      const sent = await sendAll(deliveries, sender);
      taken.push(...sent.taken);
      answersMs.push(...sent.answersMs);
      await pause(isFirstQuarter() ? 0 : CALM_MS);
    }
  };
  const loading = load();
  const breaking = breakThings(isOver);
  const tidying = tidyUp(namespace, taken, deleted, isOver);
  await pause(QUARTER_MS);
  const second = await mediansOfQuarter();
  tell(`soak, second quarter: ${JSON.stringify([...second])}`);
  await pause(Math.max(0, endMs - performance.now() - QUARTER_MS));
  const last = await mediansOfQuarter();
  await Promise.all([loading, breaking, tidying]);
  const claims = { namespace, taken, losses: new Set<never>(), lostSinceMs: 0, lostUntilMs: 0, ledgerBroken: true, deleted };
  const { verdict, recoveredMs } = await recover(bench, claims, performance.now(), 60_000);
  tell(`soak, last quarter: ${JSON.stringify([...last])} ${JSON.stringify(verdict).slice(0, 2_000)}`);
  const endless = await keysWithoutEnd();
  if (endless.length > 0) tell(`soak, keys without an end: ${endless.slice(0, 20).join(" ")}`);
  const grown = [...last].map(([name, { rssMb, handles }]) => {
    const before = second.get(name) as Footprint;
    return { name, memory: (100 * (rssMb - before.rssMb)) / before.rssMb, handles: handles - before.handles, rssMb };
  });
  report(context, [
    { name: "soak_acknowledged", value: taken.flatMap(({ results }) => results).length, unit: "alerts" },
    { name: "soak_acknowledged_lost", value: verdict.lost.length, unit: "alerts", bar: { atMost: 0 } },
    { name: "soak_doubled_live", value: verdict.doubled.length, unit: "requests", bar: { atMost: 0 } },
    { name: "soak_counted_wrongly", value: verdict.under.length + verdict.over.length, unit: "requests", bar: { atMost: 0 } },
    { name: "soak_longest_answer", value: Math.max(...answersMs), unit: "ms", bar: { atMost: 10_000 } },
    { name: "soak_recovery", value: (recoveredMs ?? Number.POSITIVE_INFINITY) / 1_000, unit: "s" },
    { name: "soak_keys_without_end", value: endless.length, unit: "keys", bar: { atMost: 0 } },
    ...grown.flatMap(({ name, memory, handles, rssMb }) => [
      { name: `soak_memory_${name}`, value: rssMb, unit: "MiB" },
      { name: `soak_memory_growth_${name}`, value: memory, unit: "%", bar: { atMost: 10 } },
      { name: `soak_handles_growth_${name}`, value: handles, unit: "handles", bar: { atMost: 3 } },
    ]),
  ]);
});
