import { describe, it } from "vitest";
import { type FaultFront, openFaultFront } from "../../../test/support/fault-front.ts";
import { askApiServer, realParts } from "../../../test/support/real-parts.ts";
import { createRequest, pathOf, requestsIn } from "../../../test/support/requests.ts";
import { sha256 } from "../../../test/support/storms.ts";
import { draftFor } from "../../../test/unit/kubernetes/builders.ts";
import { pause } from "../bench.ts";
import { isMissed, report } from "../figure.ts";
import { tell } from "../progress.ts";
import { loneLabels, PACE, type Pace } from "./cluster-life.ts";
import { live, openProduction, type Production, type ProductionOptions } from "./production.ts";
import { criteria } from "./rates.ts";

// Each criterion is missed where something is wrong that it is there to show: production again, three times as quick, with one fault throughout.

const SPEED = 3;
const QUICK = Object.fromEntries(Object.entries(PACE).map(([name, ms]) => [name, ms / SPEED])) as unknown as Pace;
const DELAY_MS = 100;
/** How many names are taken that the first lone alerts' requests would have. */
const FOREIGN = 30;
const [FOR_MS, LAST_MS] = [45_000, 20_000];

interface Fault extends Omit<ProductionOptions, "bridge"> {
  readonly what: string;
  /** The criteria that it has to break, by their figures. */
  readonly misses: readonly string[];
  /** How long alerts begin, where not as long as elsewhere. */
  readonly forMs?: number;
  /** Lets it happen until `isOver`. */
  happen?(on: { readonly redis: FaultFront; readonly production: Production }, isOver: () => boolean): Promise<void>;
}

/** Alerts wait for a few seconds only, so that requests are made early enough to be repeated. */
const SHORT = { STORM_FIRST_REQUEST_SECONDS: "4" };

const FAULTS: readonly Fault[] = [
  { what: "storms-are-not-folded", misses: ["cost-reduction", "aggregation"], gateway: { ENABLE_STORM_BUFFERING: "false" } },
  {
    what: "nobody-knows-states",
    misses: ["state-cache-hits", "more-kubernetes-requests"],
    gateway: { ...SHORT, DEDUP_STATE_TTL_SECONDS: "0" },
    unwatched: true,
  },
  {
    what: "nobody-asks-for-states",
    misses: ["deduplication-accuracy"],
    forMs: 75_000,
    gateway: { ...SHORT, ENABLE_STATE_BASED_DEDUP: "false" },
    unwatched: true,
  },
  {
    what: "somebody-else-takes-the-names",
    misses: ["collisions"],
    gateway: SHORT,
    async happen({ production: { namespaces } }) {
      for (let n = 0; n < FOREIGN; n += 1) {
        const { namespace, alertname, pod } = loneLabels(n, namespaces);
        const name = `rr-${sha256(`${alertname}:${namespace}:Pod:${pod}`).slice(0, 32)}-1`;
        await createRequest(namespace, name, draftFor(sha256(name), namespace).spec);
      }
    },
  },
  {
    what: "windows-end-too-early",
    misses: ["storms-with-an-expired-window"],
    gateway: { STORM_FIRST_REQUEST_SECONDS: "1", STORM_JOIN_SECONDS: "1" },
  },
  {
    what: "redis-is-slow",
    misses: ["answer-p95"],
    gateway: SHORT,
    async happen({ redis }) {
      redis.set("delay");
    },
  },
  {
    what: "redis-is-away",
    misses: ["decided-by-fallback", "buffer-hits", "new-alerts-that-passed-the-buffer", "webhooks-beside-an-open-breaker"],
    gateway: { ...SHORT, BREAKER_OPEN_SECONDS: "10" },
    async happen({ redis }) {
      await pause(10_000);
      redis.set("drop-before");
      await pause(25_000);
      redis.set(null);
    },
  },
  {
    what: "kubernetes-is-away",
    misses: ["first-request-p95"],
    forMs: 80_000,
    async happen({ production: { kubernetes } }) {
      kubernetes.cut();
      await pause(80_000);
      kubernetes.open();
    },
  },
  {
    what: "requests-are-deleted",
    misses: ["status-updates-that-work"],
    gateway: SHORT,
    async happen({ production: { namespaces } }, isOver) {
      for (; !isOver(); await pause(2_000)) {
        for (const namespace of namespaces) {
          const repeated = (await requestsIn(namespace)).filter(({ status }) => (status?.deduplication?.occurrenceCount ?? 1) > 1);
          for (const { metadata } of repeated) await askApiServer(pathOf(namespace, metadata.name), { method: "DELETE" });
        }
      }
    },
  },
];

describe("a fault that criteria are there to show", () => {
  it.for(FAULTS)("$what", { timeout: 300_000 }, async (fault, context) => {
    const { what, misses, forMs = FOR_MS } = fault;
    const { bridgeUrl, bridgeToken } = realParts();
    const redis = await openFaultFront({ target: () => bridgeUrl, delayMs: DELAY_MS });
    const production = await openProduction({ ...fault, bridge: { url: redis.url, token: bridgeToken } });
    const stretch = { runMs: forMs + LAST_MS, lastMs: LAST_MS, pace: QUICK };
    let isOver = false;
    try {
      const happening = fault.happen?.({ redis, production }, () => isOver);
      const missed = criteria(await live(production, stretch))
        .filter(isMissed)
        .map(({ name }) => name);
      isOver = true;
      await happening;
      tell(`criteria: ${what} misses ${missed.join(", ")}`);
      const shown = misses.filter((name) => missed.includes(name));
      report(context, [{ name: `missed-where-${what}`, value: shown.length, unit: "criteria", bar: { atLeast: misses.length } }]);
    } finally {
      isOver = true;
      redis.set(null);
      await production.stop();
      await redis.close();
    }
  });
});
