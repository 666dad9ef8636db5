import { expect, it } from "vitest";
import type { Ledger } from "../../../src/ports/ledger.ts";
import { alertIn, webhook } from "../../runtime/payloads.ts";
import { PROMETHEUS, TOKENS } from "./bench.ts";
import { openRoutes, POLICY } from "./storm-bench.ts";

it("a dry run answers 200 with the rule that decides each alert", async () => {
  const foresee: Ledger["foresee"] = async ({ alerts }) =>
    alerts.map(({ windowRules, fingerprint: subject }) => ({
      ...{ kind: "ensure", subject, intent: "i", occurrences: 1 },
      ...{ reason: windowRules ? "threshold-reached" : "new" },
    }));
  const match = { namespace: "billing", alertname: null, severity: null };
  const policy = { ...POLICY, rules: [{ name: "bill", match, windowRules: null }] };
  const { ask } = openRoutes({ ledgers: { eu: { foresee } }, policy });
  const body = JSON.stringify(webhook([alertIn("shop"), alertIn("billing")]));
  expect(await ask(`${PROMETHEUS}?dryRun=true`, { method: "POST", token: TOKENS.patient, body })).toMatchObject({
    status: 200,
    json: {
      results: [
        { outcome: "aggregated", reason: "threshold-reached", remediationRequest: null, stormRule: null },
        { outcome: "accepted", reason: "new", remediationRequest: null, stormRule: "bill" },
      ],
    },
  });
});
