import { expect, it } from "vitest";
import type { Alert, ParsedAlert } from "../../../src/domain/alert.ts";
import type { StormPolicy } from "../../../src/domain/storm-rules.ts";
import { judgeDry } from "../../../src/flows/judge-dry.ts";
import type { Glimpse, Ledger } from "../../../src/ports/ledger.ts";
import { alertOf, ignoredOf } from "../../support/flow-bench.ts";

const DEFAULTS = { threshold: 3, firstRequestMs: 45_000, joinMs: 600_000 };
const ANY = { namespace: null, alertname: null, severity: null };
const BYPASS = { name: "fast", match: { ...ANY, alertname: "Fast*" }, windowRules: null };
const POLICY: StormPolicy = { enabled: true, defaults: DEFAULTS, rules: [BYPASS] };
const REQUEST = { namespace: "shop", name: "rr-1" };

/** A ledger that holds one thing of every fingerprint. */
function holding(over: Partial<Glimpse> = {}) {
  const asked: unknown[] = [];
  const glimpse: Ledger["glimpse"] = async (alerts) => {
    asked.push(...alerts);
    return alerts.map(() => ({ state: "none", letter: null, occurrences: 0, request: null, window: null, ...over }));
  };
  return { ledger: { glimpse } as Partial<Ledger> as Ledger, asked };
}

async function judge(glimpse: Partial<Glimpse>, alert: ParsedAlert = alertOf("web"), policy = POLICY) {
  const [result] = await judgeDry(holding(glimpse).ledger, [alert], policy);
  return result;
}
const fast = (over: Partial<Alert> = {}) => alertOf("web", { name: "FastCpu", ...over });
const window = (members: number, kind: "buffering" | "storm" = "buffering", threshold = 3) => ({ kind, members, threshold });

it.each([
  ["opens a window where its group has none", {}, "buffered", "window-opened"],
  ["opens one after its request ended", { state: "ended", occurrences: 9, request: REQUEST }, "buffered", "window-opened"],
  ["joins a window", { window: window(1) }, "buffered", "window-joined"],
  ["reaches the threshold", { window: window(2) }, "aggregated", "threshold-reached"],
  ["reaches the threshold of the window, whatever the rules say now", { window: window(2, "buffering", 4) }, "buffered", "window-joined"],
  ["joins a storm", { window: window(3, "storm") }, "appended", "storm-joined"],
] as const)("a new alert %s, and no request is named", async (_, glimpse, outcome, reason) => {
  expect(await judge(glimpse)).toEqual({
    fingerprint: alertOf("web").fingerprint,
    outcome,
    reason,
    remediationRequest: null,
    occurrenceCount: 1,
    rung: "cache",
    stormRule: null,
    explain: null,
  });
});

it.each([
  ["none", "new"],
  ["ended", "request-ended"],
] as const)("a new alert that may pass at once is accepted, %s", async (state, reason) => {
  const accepted = { outcome: "accepted", reason, remediationRequest: null, occurrenceCount: 1 };
  const glimpse = { state, occurrences: 4, window: window(2) };
  expect(await judge(glimpse, fast())).toMatchObject({ ...accepted, stormRule: "fast" });
  expect(await judge(glimpse, fast(), { ...POLICY, enabled: false })).toMatchObject({ ...accepted, stormRule: null });
});

it.each([
  ["buffered", null, "buffered", "waits-in-window"],
  ["pending", null, "duplicate", "request-pending"],
  ["live", REQUEST, "duplicate", "request-live"],
] as const)("a repeat while %s counts, whatever its group's window holds", async (state, request, outcome, reason) => {
  for (const alert of [alertOf("web"), fast()])
    expect(await judge({ state, occurrences: 2, request, window: window(2) }, alert)).toMatchObject({
      outcome,
      reason,
      remediationRequest: request,
      occurrenceCount: 3,
    });
});

it.each([
  ["none", "ignored", "no-request"],
  ["buffered", "cancelled", "last-instance-resolved"],
  ["pending", "resolved", "last-instance-resolved"],
  ["live", "resolved", "last-instance-resolved"],
] as const)("a resolved alert while %s is %s", async (state, outcome, reason) => {
  expect(await judge({ state, occurrences: 2 }, fast({ status: "resolved" }))).toMatchObject({ outcome, reason, stormRule: null });
});

it("names the rule of each firing alert and none of what is never judged by one", async () => {
  const { ledger, asked } = holding({ state: "live" });
  const ignored = ignoredOf("i");
  const invalid = { kind: "invalid", fingerprint: "x", reason: "not-an-object", signalType: "prometheus-alert", payload: "1" } as const;
  const results = await judgeDry(ledger, [fast(), ignored, invalid], POLICY);
  expect(results.map(({ outcome, stormRule }) => [outcome, stormRule])).toEqual([
    ["duplicate", "fast"],
    ["ignored", null],
    ["quarantined", null],
  ]);
  expect(asked).toEqual([
    { fingerprint: fast().fingerprint, group: fast().group },
    { fingerprint: ignoredOf("i").fingerprint, group: "" },
    { fingerprint: "x", group: "" },
  ]);
});
