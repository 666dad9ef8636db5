import { expect, it } from "vitest";
import type { Outcome } from "../../../src/domain/outcome.ts";
import type { Ledger } from "../../../src/ports/ledger.ts";
import { webhook } from "../../runtime/payloads.ts";
import { PROMETHEUS, TOKENS } from "./bench.ts";
import { openRoutes } from "./storm-bench.ts";

/** Answers a payload that the ledger decides so. What the alerts are plays no part. */
async function statusOf(...outcomes: readonly Outcome[]): Promise<number> {
  const admit: Ledger["admit"] = async () =>
    outcomes.map((outcome) => ({ kind: "settled", outcome, request: null, occurrences: 1, reason: "new", rung: "cache" }));
  const { ask } = openRoutes({ ledgers: { eu: { admit } } });
  const body = JSON.stringify(webhook(outcomes.map((_, at) => `no alert ${at}`)));
  return (await ask(PROMETHEUS, { method: "POST", token: TOKENS.patient, body })).status;
}

it("201 says that a request was made, for one alert or for a storm", async () => {
  expect(await statusOf("created", "duplicate")).toBe(201);
  expect(await statusOf("buffered", "aggregated")).toBe(201);
});

it("202 says that none was", async () => {
  const others: readonly Outcome[] = ["accepted", "duplicate", "buffered", "appended", "resolved", "cancelled", "ignored", "quarantined"];
  expect(await statusOf(...others)).toBe(202);
});
