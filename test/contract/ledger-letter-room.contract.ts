import { beforeEach, describe, expect, it } from "vitest";
import type { Verdict } from "../../src/ports/ledger.ts";
import { fingerprint, firing, invalid } from "../support/ledger-builders.ts";
import { type Bench, intentOf, type OpenLedger, openBench } from "./ledger-bench.ts";

const LIFE = 7 * 24 * 3_600_000;
const MAX = 1_000;
const PART = 200;

/** What every ledger promises to a namespace beside others of its source: its part of the room for dead letters. */
export function ledgerLetterRoomContract(name: string, open: OpenLedger): void {
  describe(`room for letters: ${name}`, () => {
    let bench: Bench;
    const pass = (ms: number) => {
      bench.time.now += ms;
    };
    const words = (of: string, count: number) => Array.from({ length: count }, (_, at) => `${of}-${at}`);

    describe("of invalid alerts, at the cap of a source", () => {
      beforeEach(async () => {
        bench = await openBench(open);
      });
      const from = (namespace: string, count: number, word = namespace) => words(word, count).map((one) => invalid(one, "{}", namespace));
      /** In calls of the size that the ledger takes, a moment between each. */
      const send = async (...alerts: ReturnType<typeof from>) => {
        for (let at = 0; at < alerts.length; at += 500) {
          await bench.admit(alerts.slice(at, at + 500));
          pass(1);
        }
      };
      /** How many letters there are of each word, and of all. */
      const kept = async (...of: string[]) => {
        const names = of.map((word) => new Set(words(word, 2 * MAX).map(fingerprint)));
        const pages = await Promise.all([0, 500, MAX].map((offset) => bench.ledger.deadLetters(offset, 500)));
        const ids = pages.flatMap(({ letters }) => letters.map(({ id }) => id));
        return [...names.map((name) => ids.filter((id) => name.has(id)).length), ids.length];
      };

      it("the noisy one makes room, and a quiet one keeps its letters, however many causes the noisy one has", async () => {
        await send(...from("calm", 3));
        await send(...from("", 2, "nowhere"));
        await send(...from("noisy", 2 * MAX));
        expect(await kept("calm", "nowhere", "noisy")).toEqual([3, 2, MAX - 5, MAX]);
        expect((await bench.ledger.survey()).lettersDropped).toEqual([{ source: "test", count: MAX + 5 }]);
        expect(await bench.ledger.deadLetter(fingerprint("noisy-0"))).toBeNull();
        await send(...from("late", 2));
        expect(await kept("late", "calm")).toEqual([2, 3, MAX]);
      });

      it("alerts without one are as one", async () => {
        await send(...from("calm", 3));
        await send(...from("", MAX + 100, "nowhere"));
        expect(await kept("calm")).toEqual([3, MAX]);
      });

      it("all that are noisy come to have as much", async () => {
        for (const namespace of ["a", "b", "c"]) await send(...from(namespace, MAX));
        expect((await kept("a", "b", "c")).toSorted()).toEqual([MAX, 333, 333, 334]);
      });

      it("of those with as many, the one that was seen longest ago makes room", async () => {
        const invented = Array.from({ length: MAX + 2 }, (_, at) => from(`ns${at}`, 1)).flat();
        await send(...invented.slice(0, 4));
        await send(...invented.slice(4, MAX));
        await send(...from("ns0", 1), ...from("ns1", 1));
        await send(...invented.slice(MAX));
        expect(await kept("ns0", "ns1", "ns2", "ns3", "ns4", `ns${MAX + 1}`)).toEqual([1, 1, 0, 0, 1, 1, MAX]);
      });

      it("one whose name begins like another's is another", async () => {
        await send(...from("a-b", 2), ...from("a-b-c", 2));
        await send(...from("a", MAX + 10));
        expect(await kept("a-b", "a-b-c")).toEqual([2, 2, MAX]);
      });

      it("the first one of a cause has its letter, also where another one sends the same", async () => {
        await send(...from("calm", 1, "both"));
        await send(...from("noisy", 1, "both"), ...from("noisy", MAX + 100));
        expect(await bench.ledger.deadLetter(fingerprint("both-0"))).toMatchObject({ count: 2 });
      });

      it("those that come again in a call stay for those that are new in it", async () => {
        await send(...from("noisy", MAX));
        await send(...from("new", 2), ...from("noisy", 3));
        expect(await kept("new")).toEqual([2, MAX]);
        expect(await bench.ledger.deadLetter(fingerprint("noisy-0"))).toMatchObject({ count: 2 });
      });

      it("a letter that is discarded, or over, gives back the room of its namespace", async () => {
        await send(...from("a", 500));
        await send(...from("b", 400));
        const ids = words("a", 300).map(fingerprint);
        expect(await bench.ledger.discardLetters(ids, {})).toBe(300);
        await send(...from("c", 450));
        expect(await kept("a", "b", "c")).toEqual([200, 399, 401, MAX]);
        pass(LIFE);
        await send(...from("b", 600, "again"), ...from("c", 400, "once"));
        expect(await kept("again", "once")).toEqual([600, 400, MAX]);
      });
    });

    describe("of requests, of which a namespace has a fifth,", () => {
      beforeEach(async () => {
        bench = await openBench(open, { intentsMax: 10_000 });
      });
      const killAll = async (some: readonly string[], namespace: string) => {
        const verdicts = await bench.admit(some.map((word) => firing(word, { namespace })));
        await bench.ledger.settle(
          some.map((word, at) => ({
            ...{ kind: "intent-dead", subject: fingerprint(word), intent: intentOf(verdicts[at] as Verdict) },
            ...{ reason: "invalid", afterMs: 20_000 },
          })),
        );
      };
      const waits = async () => {
        const { openIntents, deadLetters } = await bench.ledger.survey();
        return { openIntents, refused: deadLetters.refused };
      };

      it("leaves the others their room, and gets it back as its letters go", async () => {
        await killAll(words("noisy", PART + 3), "noisy");
        expect(await waits()).toEqual({ openIntents: 3, refused: PART });
        await killAll(["calm"], "calm");
        await killAll(["begins-alike"], "noisy-too");
        expect(await waits()).toEqual({ openIntents: 3, refused: PART + 2 });
        await bench.ledger.discard(fingerprint("noisy-0"));
        await killAll(["late"], "noisy");
        expect(await waits()).toEqual({ openIntents: 3, refused: PART + 2 });
        // An alert that counts on a letter does not take another place.
        pass(1_000);
        await bench.admit([firing("noisy-1", { namespace: "noisy" })]);
        await bench.ledger.discard(fingerprint("noisy-1"));
        await killAll(["later"], "noisy");
        expect(await waits()).toEqual({ openIntents: 3, refused: PART + 2 });
      });
    });
  });
}
