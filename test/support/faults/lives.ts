import { setTimeout as sleep } from "node:timers/promises";
import { type Ended, objectsIn } from "../checker.ts";
import { pathOf, type RequestObject } from "../requests.ts";
import { alertOf } from "../sender.ts";
import type { FaultBench } from "./bench.ts";
import type { Delivery } from "./load.ts";

/** Problems that go on while something breaks. Of each kind a few, as many as one delivery brings. */
export interface Lives {
  /** What fires before. */
  readonly before: readonly Delivery[];
  /** What of it fires again once its requests are over. */
  readonly ending: Delivery;
  /** What its sender takes back. */
  readonly resolves: readonly Delivery[];
  /** Events that have occurred more often since, to be sent in their order. */
  readonly events: readonly Delivery[];
  readonly again: readonly Delivery[];
}

/** How often an event has occurred each time it is sent. */
const COUNTS = [1, 2, 5, 6];

/** Of each kind `each`, in a namespace. */
export function livesIn(namespace: string, each: number): Lives {
  const all = <Value>(make: (n: number) => Value) => Array.from({ length: each }, (_, n) => make(n));
  const alerts = (name: string, status?: "resolved") =>
    all((n) => alertOf({ namespace, alertname: `Lone${name}${n}`, pod: `${name}-${n}`.toLowerCase() }, status));
  const ends = (sending: string): Delivery => ({ key: `${namespace}-ends-${sending}`, alerts: alerts("Ended") });
  const [first, ...later] = COUNTS.map((count, at): Delivery => {
    const worth = count - (COUNTS[at - 1] ?? 0);
    return { key: `${namespace}-events-${count}`, path: "kubernetes-event", alerts: all((n) => eventOf(namespace, n, count)), worth };
  }) as [Delivery, ...Delivery[]];
  const ending = ends("first");
  return {
    before: [{ key: `${namespace}-resolves-fire`, alerts: alerts("Resolved") }, ending, first],
    ending,
    resolves: [{ key: `${namespace}-resolves`, alerts: alerts("Resolved", "resolved") }],
    events: later,
    again: [ends("again"), ends("third")],
  };
}

const eventOf = (namespace: string, n: number, count: number) => ({
  apiVersion: "v1",
  kind: "Event",
  metadata: { name: `event-${n}`, namespace, uid: `${namespace}-event-${n}` },
  type: "Warning",
  reason: `LoneEvent${n}`,
  message: "Back-off restarting failed container",
  count,
  firstTimestamp: "2026-01-15T09:30:00Z",
  lastTimestamp: "2026-01-15T09:40:00Z",
  involvedObject: { apiVersion: "v1", kind: "Pod", name: `event-${n}`, namespace },
});

const PAUSE_MS = 200;

/** Ends the requests of these fingerprints as a controller does, however long the API server takes for it, and tells which it ended and when. */
export async function endRequests(
  bench: FaultBench,
  namespace: string,
  fingerprints: readonly string[],
): Promise<ReadonlyMap<string, Ended>> {
  const ended = new Map<string, Ended>();
  for (; ended.size < fingerprints.length; await sleep(PAUSE_MS)) {
    const objects = await objectsIn(bench, namespace).catch(() => []);
    for (const { metadata, spec } of objects) {
      const fingerprint = spec.signalFingerprint;
      if (ended.has(fingerprint) || !fingerprints.includes(fingerprint)) continue;
      if (await complete(bench, pathOf(namespace, metadata.name)).catch(() => false))
        ended.set(fingerprint, { name: metadata.name, endedMs: performance.now() });
    }
  }
  return ended;
}

/** Ends a request as a controller does; false: the API server did not take it. */
export async function complete(bench: Pick<FaultBench, "askApi">, path: string): Promise<boolean> {
  const { body } = await bench.askApi(path);
  const request = body as RequestObject;
  const status = { ...request.status, overallPhase: "Completed", completedAt: new Date().toISOString() };
  return (await bench.askApi(`${path}/status`, { method: "PUT", body: { ...request, status } })).status === 200;
}
