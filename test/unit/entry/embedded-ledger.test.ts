import { expect, it } from "vitest";
import { openEmbeddedLedger } from "../../../src/entry/embedded-ledger.ts";
import { alertIn, webhook } from "../../runtime/payloads.ts";
import { call, ensured, fingerprint, firing, RULES, WINDOW_RULES } from "../../support/ledger-builders.ts";
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

it("a ledger in process forgets those alerts first that nobody waits for, and takes no new one where all wait", {
  timeout: 60_000,
}, async () => {
  let now = 1_800_000_000_000;
  const { ledger } = await openEmbeddedLedger({
    ...OPTIONS,
    rules: { ...ROOMY, intentsMax: 100_000 },
    clock: { now: () => now },
    virtualTime: true,
  });
  const admit = (from: number, count: number) => ledger.admit(call(Array.from({ length: count }, (_, at) => firing(`n${from + at}`))));
  const kept = async (word: string) => (await ledger.receipt({ fingerprint: fingerprint(word) })) !== null;
  // Of the first hundred nothing is owed any more.
  const facts = (await admit(0, 100)).map((verdict, at) => ensured(`n${at}`, verdict.kind === "ensure" ? verdict.intent : ""));
  await ledger.admit(call([], { facts }));
  expect(await kept("n0")).toBe(true);
  let from = 100;
  for (let wasFull = false; !wasFull && from < 7_000; from += 100) {
    now += 10;
    wasFull = (await admit(from, 100)).some(({ kind }) => kind === "full");
  }
  expect([await kept("n0"), await kept("n100")]).toEqual([false, true]);
  const { openIntents } = await ledger.survey();
  expect(openIntents).toBeGreaterThan(5_800);
  expect(await admit(from, 1)).toEqual([{ kind: "full" }]);
  expect((await ledger.survey()).openIntents).toBe(openIntents);
  expect(openIntents).toBeLessThan(6_200);
});
