import { expect, it } from "vitest";
import type { Ledger, Receipt, Step } from "../../../src/ports/ledger.ts";
import { draft, fingerprint } from "../../support/ledger-builders.ts";
import { TOKENS } from "./bench.ts";
import { openRoutes } from "./storm-bench.ts";

const WEB = fingerprint("web");
const request = { namespace: "shop", name: "rr-1" };
const step = (event: Step["event"], source: string | null, over: Partial<Step> = {}): Step => ({
  atMs: 1_800_000_000_000,
  times: 1,
  event,
  reason: null,
  source,
  request: null,
  ...over,
});
const ownDraft = { ...draft("web"), spec: { ...draft("web").spec, signalSource: "patient", signalAnnotations: { summary: "s" } } };
const RECEIPT: Receipt = {
  fingerprint: WEB,
  state: "live",
  occurrences: 3,
  request,
  draft: ownDraft,
  steps: [step("buffered", "patient", { reason: "window-opened" }), step("request-created", null, { request }), step("duplicate", "hasty")],
};
const path = (query = "") => `/api/v1/receipts?fingerprint=${WEB}${query}`;
const holding = (receipt: Receipt | null): Partial<Ledger> => ({
  receipt: async (asked) => (asked.fingerprint === WEB ? receipt : null),
});
const open = (receipt: Receipt | null = RECEIPT, more = {}) => openRoutes({ ledgers: { eu: holding(receipt) }, ...more });

it("a receipt tells step by step what became of an alert", async () => {
  for (const token of [TOKENS.read, TOKENS.admin])
    expect(await open().ask(path(), { token })).toMatchObject({
      status: 200,
      json: {
        cluster: "eu",
        fingerprint: WEB,
        state: "live",
        occurrenceCount: 3,
        remediationRequest: request,
        alert: {
          name: "web",
          namespace: "shop",
          severity: "warning",
          source: "patient",
          startsAt: "2026-01-01T00:00:00.000Z",
          labels: { alertname: "web" },
          annotations: { summary: "s" },
        },
        steps: [
          { at: "2027-01-15T08:00:00.000Z", event: "buffered", reason: "window-opened", source: "patient", remediationRequest: null },
          { event: "request-created", reason: null, source: null, remediationRequest: request },
          { event: "duplicate", source: "hasty" },
        ],
      },
    });
});

it("a source sees its own steps and what became of the request, but nothing of what another sent", async () => {
  const steps = async (token: string) => {
    const { json } = await open().ask(path(), { token });
    return [(json.steps as { source: string | null }[]).map(({ source }) => source), json.alert === null];
  };
  expect(await steps(TOKENS.patient)).toEqual([["patient", null], false]);
  expect(await steps(TOKENS.hasty)).toEqual([[null, "hasty"], true]);
});

it("of what it never sent a source learns as much as of what there is not", async () => {
  const none = await open(null).ask(path(), { token: TOKENS.hasty });
  const others = { ...RECEIPT, steps: RECEIPT.steps.slice(0, 2) };
  const foreign = await open(others).ask(path(), { token: TOKENS.hasty });
  expect([foreign.status, foreign.json]).toEqual([none.status, none.json]);
  expect(none).toMatchObject({ status: 404, json: { code: "receipt-unknown" } });
});

it("a source reads its own cluster only, without naming it", async () => {
  const ledgers = { us: holding(RECEIPT), eu: holding(RECEIPT) };
  const ask = (query: string, token: string) => openRoutes({ ledgers }).ask(path(query), { token });
  expect(await ask("", TOKENS.patient)).toMatchObject({ status: 200, json: { cluster: "eu" } });
  expect(await ask("&cluster=eu", TOKENS.patient)).toMatchObject({ status: 200 });
  expect(await ask("&cluster=us", TOKENS.patient)).toMatchObject({ status: 404, json: { code: "cluster-unknown" } });
  expect(await ask("&cluster=us", TOKENS.read)).toMatchObject({ status: 200, json: { cluster: "us" } });
  expect(await ask("", TOKENS.read)).toMatchObject({ status: 404, json: { code: "cluster-unknown" } });
});

it("without a source it is open to this machine, and to no other host's page", async () => {
  expect((await open(RECEIPT, { open: true }).ask(path(), { token: null })).status).toBe(200);
  expect(await open(RECEIPT, { open: true }).ask(path(), { token: null, headers: { host: "evil.example.com" } })).toMatchObject({
    status: 403,
    json: { code: "host-forbidden" },
  });
});

it("nobody else reads it", async () => {
  for (const token of [null, "wrong"]) expect((await open().ask(path(), { token })).status).toBe(401);
});

it.each(["", "?fingerprint=", `?fingerprint=${WEB.toUpperCase()}x`, `?fingerprint=${WEB}0`, "?fingerprint=../admin"])(
  "%j names no fingerprint: 400",
  async (query) => {
    expect(await open().ask(`/api/v1/receipts${query}`)).toMatchObject({ status: 400, json: { code: "query-invalid" } });
  },
);

it("takes GET only", async () => {
  const { status, headers } = await open().ask(path(), { method: "POST" });
  expect([status, headers.get("allow")]).toEqual([405, "GET, HEAD"]);
});

it("while the ledger fails, everybody is told 503", async () => {
  const { ask } = openRoutes({ ledgers: { eu: { receipt: () => Promise.reject(new TypeError("x")) } } });
  for (const token of [TOKENS.read, TOKENS.hasty]) expect((await ask(path(), { token })).status).toBe(503);
});
