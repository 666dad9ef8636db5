import { expect, it } from "vitest";
import { openEmbeddedLedger } from "../../../src/entry/embedded-ledger.ts";
import { alertIn, webhook } from "../../runtime/payloads.ts";
import { call, firing, RULES, WINDOW_RULES } from "../../support/ledger-builders.ts";
import { openGateway } from "../http/bench.ts";

const ROOMY = { ...RULES, intentsMax: 10_000, windowAlertsMax: 10_000, bufferedMax: { perNamespace: 10_000, total: 10_000 } };
const OPTIONS = { cluster: "default", rules: ROOMY };

it("a ledger in process decides at most 100 alerts of a webhook in a call", async () => {
  const { ledger, admitMax } = await openEmbeddedLedger({ ...OPTIONS, clock: { now: () => 1_800_000_000_000 } });
  const sizes: number[] = [];
  const admit: typeof ledger.admit = (admitted) => {
    sizes.push(admitted.alerts.length);
    return ledger.admit(admitted);
  };
  const { post } = openGateway({ cluster: { ledger: { ...ledger, admit }, ...(admitMax && { admitMax }) } });
  const alerts = Array.from({ length: 250 }, () => alertIn("shop"));
  expect((await post(webhook(alerts))).status).toBe(201);
  expect(sizes).toEqual([100, 100, 50]);
});

it("a ledger in process sets out at most 100 members of a window in a call", async () => {
  let now = 1_800_000_000_000;
  const { ledger } = await openEmbeddedLedger({ ...OPTIONS, clock: { now: () => now }, virtualTime: true });
  const waiting = Array.from({ length: 120 }, (_, at) => firing(`w${at}`, { windowRules: { ...WINDOW_RULES, threshold: 1_000 } }));
  await ledger.admit(call(waiting));
  now += WINDOW_RULES.firstRequestMs;
  expect(await ledger.sweep({ operation: "1".repeat(32), limit: 500 })).toBe(true);
  expect((await ledger.survey()).openIntents).toBe(100);
  expect(await ledger.sweep({ operation: "2".repeat(32), limit: 500 })).toBe(false);
  expect((await ledger.survey()).openIntents).toBe(120);
});
