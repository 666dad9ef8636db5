import { expect, it } from "vitest";
import { createOwnMetrics } from "../../../src/metrics/own-metrics.ts";
import { alertIn, webhook } from "../../runtime/payloads.ts";
import { openGateway, PROMETHEUS, TOKENS } from "./bench.ts";

const many = (from: number, size: number) => webhook(Array.from({ length: size }, (_, at) => alertIn("shop", { pod: `p${from + at}` })));

it("a source beyond its alerts a minute is told when to come again, in its own words, and nobody else is", async () => {
  const own = createOwnMetrics();
  const bench = openGateway({ alertsPerMinute: 60, alertsPerRequestMax: 100, rules: { intentsMax: 1_000 }, own });
  const send = (token: string, from: number, size: number) =>
    bench.ask(PROMETHEUS, { method: "POST", token, body: JSON.stringify(many(from, size)) });
  // A bucket holds a largest payload, so the first one is always taken.
  expect((await send(TOKENS.patient, 0, 100)).status).toBeLessThan(300);
  const refused = await send(TOKENS.patient, 9_000, 3);
  expect([refused.status, refused.headers.get("retry-after"), await refused.json()]).toMatchObject([503, "1", { code: "rate" }]);
  expect((await send(TOKENS.hasty, 10_000, 1)).status).toBe(201);
  expect((await send(TOKENS.hasty, 20_000, 100)).status).toBeLessThan(300);
  expect((await send(TOKENS.hasty, 30_000, 1)).status).toBe(429);
  expect(own.text()).toContain('{source="patient",reason="rate"} 1');
});
