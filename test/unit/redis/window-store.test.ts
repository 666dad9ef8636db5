import { expect, it } from "vitest";
import type { Redis } from "../../../src/adapters/redis/client.ts";
import { openEmbeddedLedger } from "../../support/embedded-ledger.ts";
import { call, fingerprint, RULES, WINDOW_RULES } from "../../support/ledger-builders.ts";
import { stormy } from "../../support/storm-builders.ts";

/** Does something before the n-th call from now on. */
function interrupting() {
  let calls = Number.NaN;
  let interrupt = async () => {};
  const counted = async (): Promise<void> => {
    calls -= 1;
    if (calls === 0) await interrupt();
  };
  const around = (redis: Redis): Redis => ({
    evalsha: async (...args) => {
      await counted();
      return redis.evalsha(...args);
    },
    eval: redis.eval,
  });
  return {
    around,
    before(nth: number, work: () => Promise<void>) {
      calls = nth;
      interrupt = work;
    },
  };
}

it.each([1, 2, 3])("a sweep forgets no window that an alert joins before call %i of it", async (nth) => {
  let now = 1_800_000_000_000;
  const { around, before } = interrupting();
  const ledger = openEmbeddedLedger(RULES, () => now, around);
  const sweep = () => ledger.sweep({ operation: call([]).operation, limit: 100 });
  await ledger.admit(call([stormy("a")]));
  now += WINDOW_RULES.firstRequestMs;
  // Scripts are known by their hash from now on, so each is one call.
  await sweep();
  await ledger.admit(call([stormy("b")]));
  now += WINDOW_RULES.firstRequestMs;
  before(nth, async () => void (await ledger.admit(call([stormy("c")]))));
  await sweep();
  now += WINDOW_RULES.firstRequestMs;
  while (await sweep());
  const { intents } = await ledger.lease(10);
  expect(intents.map(({ subject }) => subject).toSorted()).toEqual(["a", "b", "c"].map(fingerprint).toSorted());
});
