import { afterAll, beforeAll, expect, it } from "vitest";
import { type Bench, pause, sendEvenly, startBench } from "../bench.ts";
import { report } from "../figure.ts";

/** Every tenth alert is new, the others repeat one of those before. */
const ALERTS = 1_000;
const podAt = (index: number) => `mixed-${index % 10 === 0 ? index : 10 * ((index * 7) % (Math.floor(index / 10) + 1))}`;

let on: Bench;
let off: Bench;
beforeAll(async () => {
  [on, off] = await Promise.all([startBench(), startBench({ gateway: { ENABLE_STATE_BASED_DEDUP: "false" } })]);
});
afterAll(() => Promise.all([on?.stop(), off?.stop()]));

/** What a mixed load asks of the API server, watches left out: they last whatever is sent. */
async function load(bench: Bench): Promise<number> {
  const at = bench.kubernetes.asked().length;
  const answers = await sendEvenly(ALERTS, 25, (index) => bench.fire(podAt(index)));
  expect(new Set(answers.map(({ result }) => result?.outcome))).toEqual(new Set(["created", "duplicate"]));
  await pause(7_000); // every count that is owed is written by then
  return bench.kubernetes
    .asked()
    .slice(at)
    .filter(({ verb }) => verb !== "WATCH").length;
}

it("a mixed load with deduplication by state and without it, at the same time", async (context) => {
  const [withIt, without] = await Promise.all([load(on), load(off)]);
  report(context, [
    { name: "mixed-load-api-requests-by-state", value: withIt, unit: "requests" },
    { name: "mixed-load-api-requests-by-time", value: without, unit: "requests" },
    { name: "mixed-load-more-api-requests-by-state", value: (100 * (withIt - without)) / without, unit: "%", bar: { atMost: 10 } },
  ]);
});
