import { describe, expect, it } from "vitest";
import { criteria, type Decision, type Seen, type Storm } from "../../../scripts/figures/criteria/rates.ts";
import { isMissed } from "../../../scripts/figures/figure.ts";

const times = <Value>(count: number, value: Value): Value[] => Array.from({ length: count }, () => value);

const repeat: Decision = { outcome: "duplicate", rung: "relay", truth: "repeat" };
const fresh: Decision = { outcome: "created", rung: "cache", truth: "new" };
const storm: Storm = { members: 100, objects: 1, aggregated: 100, openers: 1, passed: 0, expired: false };

const HEALTHY: Seen = {
  decisions: [...times(90, repeat), ...times(10, fresh)],
  fresh: { alerts: 100, passed: 0 },
  answersMs: times(100, 10),
  storms: times(10, storm),
  firstRequestsS: times(100, 45),
  webhooks: 100,
  webhooksWithBreaker: 0,
  created: 100,
  collisions: 0,
  cacheHits: 100,
  cacheMisses: 0,
  updates: 100,
  updatesGivenUp: 0,
  kubernetesRequests: 100,
  kubernetesLooks: 0,
};

/** A run that is just as bad as it may be, and one that is worse. */
const LIMITS: readonly (readonly [figure: string, justGood: Partial<Seen>, bad: Partial<Seen>])[] = [
  [
    "deduplication-accuracy",
    { decisions: [...times(95, repeat), ...times(5, { ...repeat, truth: "new" as const })] },
    { decisions: [...times(94, repeat), ...times(6, { ...fresh, truth: "repeat" as const })] },
  ],
  ["collisions", { collisions: 1 }, { collisions: 2 }],
  ["more-kubernetes-requests", { kubernetesRequests: 110, kubernetesLooks: 10 }, { kubernetesRequests: 110, kubernetesLooks: 11 }],
  ["state-cache-hits", { cacheHits: 95, cacheMisses: 5 }, { cacheHits: 94, cacheMisses: 6 }],
  ["answer-p95", { answersMs: [...times(95, 50), ...times(5, 900)] }, { answersMs: [...times(94, 50), ...times(6, 51)] }],
  ["status-updates-that-work", { updates: 99, updatesGivenUp: 1 }, { updates: 98, updatesGivenUp: 2 }],
  [
    "decided-by-fallback",
    { decisions: [...times(95, repeat), ...times(5, { ...repeat, rung: "time" })] },
    { decisions: [...times(94, repeat), ...times(6, { ...repeat, rung: "direct" })] },
  ],
  ["cost-reduction", { storms: [{ ...storm, objects: 10 }] }, { storms: [{ ...storm, objects: 11 }] }],
  ["aggregation", { storms: [{ ...storm, aggregated: 95 }] }, { storms: [{ ...storm, aggregated: 94 }] }],
  ["buffer-hits", { storms: [{ ...storm, openers: 10 }] }, { storms: [{ ...storm, openers: 11 }] }],
  ["first-request-p95", { firstRequestsS: [...times(95, 60), ...times(5, 300)] }, { firstRequestsS: times(100, 61) }],
  ["new-alerts-that-passed-the-buffer", { fresh: { alerts: 100, passed: 5 } }, { fresh: { alerts: 100, passed: 6 } }],
  [
    "storms-with-an-expired-window",
    { storms: [...times(9, storm), { ...storm, expired: true }] },
    { storms: [...times(8, storm), ...times(2, { ...storm, expired: true })] },
  ],
  ["webhooks-beside-an-open-breaker", { webhooksWithBreaker: 5 }, { webhooksWithBreaker: 6 }],
];

const missedOf = (seen: Partial<Seen>) =>
  criteria({ ...HEALTHY, ...seen })
    .filter(isMissed)
    .map(({ name }) => name);

describe("the success criteria of the requirements", () => {
  it("are fourteen, and a healthy run misses none", () => {
    expect(criteria(HEALTHY).map(({ name }) => name)).toEqual(LIMITS.map(([name]) => name));
    expect(missedOf({})).toEqual([]);
  });

  it.each(LIMITS)("%s is met at its limit and missed beyond it", (name, justGood, bad) => {
    expect(missedOf(justGood)).not.toContain(name);
    expect(missedOf(bad)).toContain(name);
  });

  it("that nothing was counted for are missed", () => {
    expect(missedOf({ decisions: [], storms: [], answersMs: [], firstRequestsS: [] })).toContain("answer-p95");
    expect(missedOf({ webhooks: 0 })).toContain("webhooks-beside-an-open-breaker");
  });
});
