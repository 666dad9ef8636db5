import { expect, it } from "vitest";
import type { Alert } from "../../../src/domain/alert.ts";
import type { StormPolicy } from "../../../src/domain/storm-rules.ts";
import { judgeDry } from "../../../src/flows/judge-dry.ts";
import type { AdmitAlert, Ledger, Settled } from "../../../src/ports/ledger.ts";
import { alertOf, ignoredOf, openFlowBench } from "../../support/flow-bench.ts";

const DEFAULTS = { threshold: 3, firstRequestMs: 45_000, joinMs: 600_000 };
const ANY = { namespace: null, alertname: null, severity: null };
const BYPASS = { name: "fast", match: { ...ANY, alertname: "Fast*" }, windowRules: null };
const POLICY: StormPolicy = { enabled: true, defaults: DEFAULTS, rules: [BYPASS] };
const REQUEST = { namespace: "shop", name: "rr-1" };

const fast = (over: Partial<Alert> = {}) => alertOf("web", { name: "FastCpu", ...over });

/** A ledger that foresees one thing for every alert. */
function foreseeing(verdict: Settled) {
  const asked: AdmitAlert[] = [];
  const foresee: Ledger["foresee"] = async (alerts) => {
    asked.push(...alerts);
    return alerts.map(() => verdict);
  };
  return { ledger: { foresee } as Partial<Ledger> as Ledger, asked };
}

const LIVE = { kind: "settled", outcome: "duplicate", reason: "request-live", rung: "relay", occurrences: 3, request: REQUEST } as const;

it("answers what the ledger foresees, in the words of an answer", async () => {
  const { ledger } = foreseeing(LIVE);
  expect(await judgeDry(ledger, [alertOf("web")], POLICY)).toEqual([
    {
      fingerprint: alertOf("web").fingerprint,
      outcome: "duplicate",
      reason: "request-live",
      remediationRequest: REQUEST,
      occurrenceCount: 3,
      rung: "relay",
      stormRule: null,
      explain: null,
    },
  ]);
});

it("asks under the rules that an alert would be judged by, and not at all about what never gets that far", async () => {
  const { ledger, asked } = foreseeing(LIVE);
  const invalid = { kind: "invalid", fingerprint: "x", reason: "not-an-object", signalType: "prometheus-alert", payload: "1" } as const;
  const results = await judgeDry(ledger, [fast(), ignoredOf("i"), alertOf("web"), invalid, fast({ status: "resolved" })], POLICY);
  expect(results.map(({ outcome, stormRule }) => [outcome, stormRule])).toEqual([
    ["duplicate", "fast"],
    ["ignored", null],
    ["duplicate", null],
    ["quarantined", null],
    ["duplicate", null],
  ]);
  expect(asked.map(({ kind, windowRules }) => [kind, windowRules])).toEqual([
    ["firing", null],
    ["firing", DEFAULTS],
    ["resolved", null],
  ]);
  await judgeDry(ledger, [alertOf("web")], { ...POLICY, enabled: false });
  expect(asked.at(-1)?.windowRules).toBeNull();
});

it("judges by the ledger's own rules, each alert alone", async () => {
  const { ledger } = openFlowBench();
  const words = ["a", "b", "c"].map((word) => alertOf(word, { group: alertOf("web").group }));
  const reasons = (await judgeDry(ledger, [...words, fast(), fast({ status: "resolved" })], POLICY)).map(({ reason }) => reason);
  expect(reasons).toEqual(["window-opened", "window-opened", "window-opened", "new", "no-request"]);
});
