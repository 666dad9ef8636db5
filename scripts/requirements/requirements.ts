import { featureOf, RULES } from "../../src/domain/rule.ts";

/** A test: its file, and a part of its title. */
export type Held = readonly [file: string, title: string];

export interface Requirement {
  readonly what: string;
  /** Their names in docs/figures.md; none where tests alone decide. */
  readonly figures?: readonly string[];
  readonly held: readonly Held[];
}

export interface Chapter {
  readonly title: string;
  readonly requirements: readonly Requirement[];
}

const ROLLED_BACK: Held = ["test/integration/canary.test.ts", "turns its feature off"];
const DEDUP = "test/integration/dedup.test.ts";
const STORMS = "test/integration/storms.test.ts";
const SENTINEL = "test/integration/sentinel-storms.test.ts";
const RATES = "test/unit/scripts/criteria-rates.test.ts";

const missed = (figure: string): Held => [RATES, figure];

/** What was asked for, in the words of its documents, and what shows it. */
export const CHAPTERS: readonly Chapter[] = [
  {
    title: "Deduplication by state (DD-GATEWAY-009)",
    requirements: [
      { what: "Deduplication accuracy ≥ 95 %", figures: ["deduplication-accuracy"], held: [missed("deduplication-accuracy")] },
      {
        what: "Collisions < 1 %",
        figures: ["collisions"],
        held: [
          missed("collisions"),
          ["test/unit/kubernetes/ensure.test.ts", "takes its object back when an earlier one shows up, and counts that"],
        ],
      },
      {
        what: "Load on the Kubernetes API < + 10 %",
        figures: ["more-kubernetes-requests"],
        held: [missed("more-kubernetes-requests"), ["test/simulator/slow-repeats.test.ts", "week"]],
      },
      {
        what: "State-cache hits ≥ 95 %",
        figures: ["state-cache-hits"],
        held: [missed("state-cache-hits"), ["test/simulator/slow-repeats.test.ts", "week"]],
      },
      { what: "Answer P95 < 50 ms", figures: ["answer-p95"], held: [missed("answer-p95")] },
      {
        what: "Status updates that work ≥ 99 %",
        figures: ["status-updates-that-work"],
        held: [missed("status-updates-that-work"), ["test/integration/exact.test.ts", "99 of 100 updates succeed"]],
      },
      {
        what: "Decided by the fallback < 5 %",
        figures: ["decided-by-fallback"],
        held: [missed("decided-by-fallback"), ["test/integration/faults.test.ts", "a repeat is a duplicate for the fallback time"]],
      },
      {
        what: "Integration test: Pending → 202",
        held: [
          [DEDUP, "of a live request is its duplicate"],
          [DEDUP, '"Pending"'],
        ],
      },
      { what: "Integration test: Completed → 201", held: [[DEDUP, "of a request in phase %s makes a second one"]] },
      { what: "Integration test: no request → 201", held: [[DEDUP, "of a deleted request makes a new one"]] },
      { what: "Integration test: cache hit and miss", held: [[DEDUP, "is believed for its time and counted as a hit"]] },
    ],
  },
  {
    title: "Storms (DD-GATEWAY-008)",
    requirements: [
      {
        what: "Cost reduction ≥ 90 % (15 alerts, 1 request: 93 %)",
        figures: ["cost-reduction"],
        held: [missed("cost-reduction"), [STORMS, "that come as fifteen in one webhook become one request"]],
      },
      { what: "Aggregation ≥ 95 %", figures: ["aggregation"], held: [missed("aggregation")] },
      { what: "Buffer hits ≥ 90 %", figures: ["buffer-hits"], held: [missed("buffer-hits")] },
      { what: "First request P95 < 60 s", figures: ["first-request-p95"], held: [missed("first-request-p95")] },
      {
        what: "Decided by the fallback, past the buffer, < 5 % of new alerts",
        figures: ["new-alerts-that-passed-the-buffer"],
        held: [missed("new-alerts-that-passed-the-buffer")],
      },
      { what: "Expirations < 10 %", figures: ["storms-with-an-expired-window"], held: [missed("storms-with-an-expired-window")] },
      {
        what: "Breaker active < 5 % of requests",
        figures: ["webhooks-beside-an-open-breaker"],
        held: [missed("webhooks-beside-an-open-breaker")],
      },
      {
        what: "Requests for storms of 5, 10, 50 and 100 alerts, and for the two alerts of one that is none yet",
        figures: [5, 10, 50, 100, 2].map((size) => `storm-of-${size}-requests`),
        held: [[STORMS, "become one request at the threshold"]],
      },
      { what: "Integration test: below the threshold", held: [[STORMS, "wait below the threshold without a request"]] },
      { what: "Integration test: at the threshold", held: [[STORMS, "become one request at the threshold"]] },
      { what: "Integration test: many at once", held: [[STORMS, "that come as fifteen in one webhook"]] },
      { what: "Integration test: those that join later", held: [[STORMS, "join the storm as long as it lives"]] },
      { what: "Integration test: groups apart", held: [[STORMS, "of another name or namespace are no part of a storm"]] },
      { what: "Integration test: resolved while it waits", held: [[STORMS, "resolved before its request was made"]] },
      { what: "End to end on Sentinel: a window expires", held: [[SENTINEL, "each gets its own request when the window is over"]] },
      { what: "End to end on Sentinel: concurrent storm", held: [[SENTINEL, "leaves one storm"]] },
    ],
  },
  {
    title: "Ten triggers of a rollback",
    requirements: RULES.map((rule) => ({ what: `${rule} (${featureOf(rule)})`, held: [ROLLED_BACK] })),
  },
  {
    title: "Chaos",
    requirements: [
      { what: "Redis fails while alerts wait", held: [["test/integration/storms-lost.test.ts", "a Redis that fails while alerts wait"]] },
      { what: "The API server throttles", held: [["test/integration/kubernetes-throttled.test.ts", "throttles every third request"]] },
      {
        what: "Expiry races with new alerts",
        held: [
          ["test/property/ledger-storms.test.ts", ""],
          ["test/simulator/simulator.test.ts", ""],
        ],
      },
      {
        what: "Updates conflict",
        held: [["test/integration/exact.test.ts", "beside a controller that writes whole statuses without a pause"]],
      },
      {
        what: "Bursts",
        held: [
          ["test/integration/concurrency.test.ts", "make one request of 200 equal new alerts at once"],
          [STORMS, "make one request of 100 alerts of a storm at once"],
        ],
      },
    ],
  },
];
