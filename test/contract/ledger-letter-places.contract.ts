import { beforeEach, describe, expect, it } from "vitest";
import { DEAD_LETTERS_MAX as MAX } from "../../src/domain/ledger-limits.ts";
import { ensured, fingerprint, firing, invalid } from "../support/ledger-builders.ts";
import { keepStore, type OpenStore } from "./kept-store.ts";
import { type Bench, intentOf, openBench } from "./ledger-bench.ts";

/** What the engine promises about the names of dead letters in their index, also beside a version that notes no namespace of a letter. */
export function ledgerLetterPlacesContract(name: string, open: OpenStore): void {
  describe(`places of letters: ${name}`, () => {
    let bench: Bench;
    const { openKept, keys, run } = keepStore(open);
    const later = (ms: number) => {
      bench.time.now += ms;
    };
    beforeEach(async () => {
      bench = await openBench(openKept);
    });
    const send = async (namespace: string, count: number, word = namespace) => {
      for (let from = 0; from < count; from += 500) {
        const size = Math.min(500, count - from);
        await bench.admit(Array.from({ length: size }, (_, at) => invalid(`${word}-${from + at}`, "{}", namespace)));
        later(1);
      }
    };
    const names = async (...words: string[]) => {
      const found = await Promise.all(words.map((word) => run("ZRANGEBYLEX", keys().letters, `[${word}:`, `(${word};`)));
      return (found as string[][]).flat();
    };
    /** As that version leaves it. */
    const forgetPlaces = async () => await run("ZREM", keys().letters, ...(await names("in", "at", "most")));
    /** As that version forgets letters. */
    const forget = async (...words: string[]) => {
      const ids = words.map(fingerprint);
      const known = await names("all", "kind", "of", "since", "invalid");
      await run("ZREM", keys().letters, ...known.filter((name) => ids.some((id) => name.includes(id))));
      await run("HDEL", keys().invalidLetters, ...ids.flatMap((id) => [id, `${id}:payload`]));
    };
    const has = async (...words: string[]) =>
      await Promise.all(words.map(async (word) => (await bench.ledger.deadLetter(fingerprint(word))) !== null));
    const counted = async () => {
      const { deadLetters, lettersDropped } = await bench.ledger.survey();
      return [deadLetters.invalid, lettersDropped[0]?.count ?? 0];
    };

    it("letters of before are like those of one namespace more, and have one when they are seen again", async () => {
      await send("old", 600);
      await forgetPlaces();
      await send("calm", 1, "old");
      await send("noisy", MAX);
      expect(await counted()).toEqual([MAX, 600]);
      expect(await has("old-0", "old-1", "old-499", "old-599", "noisy-499", "noisy-500")).toEqual([true, false, true, true, false, true]);
    });

    it("what is left over of letters makes room for none, and counts as none", async () => {
      await send("noisy", 500);
      await send("calm", 2);
      await forget(...Array.from({ length: 400 }, (_, at) => `noisy-${at}`));
      expect(await counted()).toEqual([102, 0]);
      await send("other", 449);
      await send("next", 449);
      expect(await counted()).toEqual([MAX, 0]);
      await send("late", 3);
      expect(await counted()).toEqual([MAX, 3]);
      expect(await has("calm-0", "calm-1", "noisy-400", "other-0", "next-0", "late-2")).toEqual([true, true, true, false, false, true]);
    });

    it("a letter that was forgotten begins anew, in the namespace that sends it then", async () => {
      await send("noisy", 1, "bad");
      await forget("bad-0");
      await send("calm", 1, "bad");
      await send("noisy", MAX + 5);
      expect(await bench.ledger.deadLetter(fingerprint("bad-0"))).toMatchObject({ count: 1 });
      expect(await counted()).toEqual([MAX, 6]);
    });

    it("no name stays of a letter that was discarded, ended with its request, or made room", async () => {
      await bench.admit(Array.from({ length: 500 }, (_, at) => invalid(`a-${at}`)));
      later(1);
      await bench.admit(Array.from({ length: 500 }, (_, at) => invalid(`b-${at}`)));
      const size = await run("ZCARD", keys().letters);
      const intent = intentOf(await bench.admitOne(firing("x")));
      await bench.ledger.settle([{ kind: "intent-dead", subject: fingerprint("x"), intent, reason: "invalid", afterMs: 1_000 }]);
      await bench.admit([firing("x")]);
      await bench.ledger.fact([ensured("x", intent)]);
      await bench.admit([invalid("c"), invalid("b-0")]);
      expect(await run("ZCARD", keys().letters)).toBe(size);
      await bench.ledger.discardLetters(
        ["c", ...Array.from({ length: 500 }, (_, at) => `b-${at}`), ...Array.from({ length: 499 }, (_, at) => `a-${at + 1}`)].map(
          fingerprint,
        ),
        {},
      );
      expect(await run("ZCARD", keys().letters)).toBe(0);
    });
  });
}
