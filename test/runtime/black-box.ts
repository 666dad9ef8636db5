import { afterAll, beforeAll, describe } from "vitest";
import { credentialCases, loopbackCases } from "./cases/access.ts";
import { aftermathCases } from "./cases/aftermath.ts";
import { alertCases } from "./cases/alerts.ts";
import { bodyCases } from "./cases/bodies.ts";
import { deadLetterCases } from "./cases/dead-letters.ts";
import { deliveryCases } from "./cases/deliveries.ts";
import { documentCases } from "./cases/document.ts";
import { eventCases } from "./cases/events.ts";
import { flagCases } from "./cases/flags.ts";
import { httpCases } from "./cases/http.ts";
import { ingestCases } from "./cases/ingest.ts";
import { receiptCases } from "./cases/receipts.ts";
import { routeCases } from "./cases/routes.ts";
import { targetCases } from "./cases/targets.ts";
import { windowCases } from "./cases/windows.ts";
import { type Client, openClient } from "./client.ts";
import type { Target } from "./target.ts";

/**
 * What a gateway promises to the outside, on any runtime. `access`: whether sources with credentials are set up, or whoever is on this machine may send.
 * `open` gives a gateway that holds nothing yet, with DEDUP_STATE_TTL_SECONDS up to the runtime, ENABLE_STORM_BUFFERING off, so that each alert
 * has its request at once, and every other setting at its default.
 */
export function blackBox(name: string, access: "credentials" | "loopback", open: () => Promise<Target>): void {
  describe(`black box: ${name}`, { timeout: 20_000 }, () => {
    let opened: Target | undefined;
    let client: Client;
    beforeAll(async () => {
      opened = await open();
      client = await openClient(opened);
    }, 60_000);
    afterAll(() => opened?.stop(), 30_000);
    const current = () => client;
    describe("good alerts", () => ingestCases(current));
    describe("deliveries", () => deliveryCases(current));
    describe("events", () => eventCases(current));
    describe("strange alerts", () => alertCases(current));
    describe("targets", () => targetCases(current));
    describe("bodies", () => bodyCases(current));
    describe("HTTP as it is used", () => httpCases(current));
    describe("dead letters", () => deadLetterCases(current));
    describe("receipts", () => receiptCases(current));
    describe("windows and the sweep", () => windowCases(current));
    describe("flags", () => flagCases(current));
    describe("routes", () => routeCases(current));
    describe("access", () => (access === "credentials" ? credentialCases(current) : loopbackCases(current)));
    describe("the OpenAPI document", () => documentCases(current));
    describe("after all that", () => aftermathCases(current));
  });
}
