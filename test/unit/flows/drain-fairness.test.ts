import { describe, expect, it } from "vitest";
import { drainLedger } from "../../../src/flows/drain-ledger.ts";
import { alertOf, openFlowBench } from "../../support/flow-bench.ts";
import { draft, fingerprint, RULES, WINDOW_RULES } from "../../support/ledger-builders.ts";

let bench: ReturnType<typeof openFlowBench>;
const post = (word: string) => bench.post(word);

describe("a namespace that Kubernetes refuses", () => {
  const filled = async (size: number) => {
    bench = openFlowBench({ intentsMax: 10_000 });
    const words = Array.from({ length: size }, (_, at) => `a${at}`);
    for (const word of words) {
      bench.writer.turnDown(fingerprint(word), "failed");
      await post(word);
    }
    bench.time.now += RULES.leaseMs;
    return words;
  };
  const failures = async () => (await bench.ledger.survey()).failures;

  it("is not taken for a writer that is away: others are served at once", async () => {
    await filled(60);
    await post("good");
    expect(await drainLedger(bench.drainPorts)).toMatchObject({ leased: 60 });
    await filled(101);
    expect(await drainLedger(bench.drainPorts)).toEqual({ leased: 100, nextInMs: 0 });
    const before = await failures();
    expect(await drainLedger(bench.drainPorts)).toMatchObject({ leased: 0 });
    expect(await failures()).toEqual(before);
  });

  it("costs one try each five seconds, however much of it waits", async () => {
    await filled(60);
    for (let second = 0; second < 21; second += 1) {
      await drainLedger(bench.drainPorts);
      bench.time.now += 1_000;
    }
    expect(await failures()).toEqual([{ reason: "forbidden", count: 64 }]);
  });

  it("is not left alone where something of it is taken", async () => {
    const [word = ""] = await filled(60);
    bench.writer.turnDown(fingerprint(word), null);
    await drainLedger(bench.drainPorts);
    bench.time.now += 4_000;
    expect(await drainLedger(bench.drainPorts)).toMatchObject({ leased: 59 });
  });
});

it("what has waited for others is made in the round that finds its time over, however much of another namespace is due", async () => {
  bench = openFlowBench({ intentsMax: 10_000 });
  const send = (words: readonly string[], namespace: string, ports: Partial<typeof bench.ports>) =>
    bench.send(
      words.map((word) => alertOf(word, { namespace, draft: { ...draft(word), namespace } })),
      ports,
    );
  const numbered = (size: number, word: string) => Array.from({ length: size }, (_, at) => `${word}${at}`);
  const busy = { perform: async (all: readonly unknown[]) => all.map(() => ({ kind: "pending" as const })) };
  await send(numbered(300, "crowd"), "crowded", { writer: busy });
  const lone = numbered(8, "lone");
  await send(lone, "other", { rulesFor: () => WINDOW_RULES });
  bench.time.now += Math.max(RULES.leaseMs, WINDOW_RULES.firstRequestMs);
  await drainLedger(bench.drainPorts);
  const made = bench.writer.list().map(({ draft: { spec } }) => spec.signalFingerprint);
  expect(made).toEqual(expect.arrayContaining(lone.map((word) => fingerprint(word))));
});
