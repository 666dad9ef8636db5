import { beforeEach, describe, expect, it } from "vitest";
import type { Operation, OperationResult } from "../../src/ports/remediation-writer.ts";
import { memberLine } from "../support/storm-builders.ts";
import { BORN_MS, draftFor, ensureStormOf, recordOf } from "../unit/kubernetes/builders.ts";
import { randomHex, TIMEOUT_MS, type WriterBench } from "./remediation-writer.contract.ts";

/** What a status shows follows within seconds. */
const SHOWN = { timeout: 4_000, interval: 20 };

/** What a RemediationWriter promises to those who have no ledger. */
export function directCases(open: () => WriterBench): void {
  describe("without a ledger", () => {
    let bench: WriterBench;
    let fingerprint: string;
    beforeEach(() => {
      bench = open();
      fingerprint = randomHex(64);
    });

    const one = async (operation: Operation): Promise<OperationResult> =>
      (await bench.writer.perform([operation], TIMEOUT_MS))[0] as OperationResult;
    const count = async (intent: string) => {
      const result = await one({ kind: "count", intent, draft: draftFor(fingerprint, bench.namespace) });
      if (result.kind !== "counted") throw new Error(`not counted but ${JSON.stringify(result)}`);
      return result;
    };
    const resolve = (resolvedAtMs = BORN_MS + 60_000) => one({ kind: "resolve", fingerprint, namespace: bench.namespace, resolvedAtMs });
    type State = Awaited<ReturnType<typeof count>>["state"];
    const shows = (state: State, occurrenceCount: number) =>
      expect.poll(async () => (await bench.count(state)).occurrenceCount, SHOWN).toBe(occurrenceCount);

    it("creates a request for the first occurrence, which counts it", async () => {
      const { state, created, occurrences } = await count("intent-a");
      expect([created, occurrences, state.intent, state.ended]).toEqual([true, 1, "intent-a", false]);
      expect(await bench.size(fingerprint)).toBe(1);
      await shows(state, 1);
    });

    it("counts an intent once, however often it is sent, and another one as well", async () => {
      const { state } = await count("intent-a");
      expect(await count("intent-a")).toMatchObject({ created: true, occurrences: 1, state: { uid: state.uid } });
      for (const _ of [1, 2, 3])
        expect(await count("intent-b")).toMatchObject({ created: false, occurrences: 2, state: { uid: state.uid } });
      expect(await count("intent-c")).toMatchObject({ created: false, occurrences: 3 });
      await shows(state, 3);
      expect(await bench.size(fingerprint)).toBe(1);
    });

    it("counts intents that come at once, on one request", async () => {
      const operations = Array.from({ length: 6 }, (_, n): Operation => {
        return { kind: "count", intent: `intent-${n % 3}`, draft: draftFor(fingerprint, bench.namespace) };
      });
      const results = await bench.writer.perform(operations, TIMEOUT_MS);
      expect(new Set(results.map((result) => (result.kind === "counted" ? result.state.uid : result.kind))).size).toBe(1);
      await shows((results[0] as Extract<OperationResult, { kind: "counted" }>).state, 3);
    });

    it("counts in a slot of its own beside those of others", async () => {
      const { state } = await count("intent-a");
      await one(recordOf(state, "intent-a", 4));
      await one(recordOf(state, "intent-x", 10));
      expect(await count("intent-b")).toMatchObject({ occurrences: 15 });
      await shows(state, 15);
      await one(recordOf(state, "intent-x", 11));
      await count("intent-c");
      await shows(state, 17);
    });

    it("shows on the request that an occurrence is more urgent, also on a storm's and on the occurrence's own", async () => {
      const shown = async (request: State) => {
        const result = await one({ kind: "observe", request });
        return result.kind === "observed" ? result.state.urgency : result;
      };
      const urgency = { severity: "critical", priority: "P0" } as const;
      const urgent = (intent: string, whose = fingerprint) => {
        const { namespace, spec } = draftFor(whose, bench.namespace);
        return one({ kind: "count", intent, draft: { namespace, spec: { ...spec, ...urgency } } });
      };
      const members = [randomHex(64), randomHex(64)];
      const storm = await one(ensureStormOf(randomHex(64), randomHex(32), members, bench.namespace));
      if (storm.kind !== "storm-created") throw new Error(`not created but ${JSON.stringify(storm)}`);
      const { state } = await count("intent-a");
      await urgent("intent-a");
      await expect.poll(() => shown(state), SHOWN).toEqual(urgency);
      expect((await bench.count(state)).occurrenceCount).toBe(1);
      await urgent("intent-c", members[0]);
      await expect.poll(() => shown(storm.state), SHOWN).toEqual(urgency);
    });

    it("makes a new request where the last has ended", async () => {
      const { state } = await count("intent-a");
      await bench.setPhase(state, "Completed", BORN_MS);
      const next = await count("intent-b");
      expect([next.created, next.occurrences, next.state.uid === state.uid]).toEqual([true, 1, false]);
    });

    it("counts a storm's member on the storm, and leaves the storm alone when it is resolved", async () => {
      const made = await one(ensureStormOf(randomHex(64), randomHex(32), [fingerprint, randomHex(64)], bench.namespace));
      if (made.kind !== "storm-created") throw new Error(`not created but ${JSON.stringify(made)}`);
      const before = (await bench.count(made.state)).occurrenceCount;
      expect(await count("intent-a")).toMatchObject({ created: false, state: { uid: made.state.uid }, occurrences: before + 1 });
      await shows(made.state, before + 1);
      expect(await resolve()).toEqual({ kind: "absent" });
      expect((await bench.count(made.state)).resolvedAtMs).toBeNull();
      expect(await bench.size(fingerprint)).toBe(0);
    });

    it("leaves out of a storm's list what got a request of its own meanwhile, and says so", async () => {
      const [member, late] = [randomHex(64), randomHex(64)];
      const made = await one(ensureStormOf(randomHex(64), randomHex(32), [member, randomHex(64)], bench.namespace));
      if (made.kind !== "storm-created") throw new Error(`not created but ${JSON.stringify(made)}`);
      const { state } = await count("intent-a");
      const members = [member, fingerprint, late].map((each) => memberLine(each, "shop:Pod:web"));
      const list = () => one(recordOf(made.state, "slot", 3, { storm: { members, closedAtMs: null } }));
      expect(await list()).toMatchObject({ kind: "recorded", members: 2, held: [{ fingerprint, state: { uid: state.uid } }] });
      expect((await bench.storm(made.state)).members).toEqual([members[0], members[2]]);
      await bench.setPhase(state, "Completed", BORN_MS);
      const again = await list();
      expect(again).toMatchObject({ kind: "recorded", members: 3 });
      expect(again).not.toHaveProperty("held");
    });

    it("shows a resolve on the live request", async () => {
      const { state } = await count("intent-a");
      expect(await resolve()).toMatchObject({ kind: "resolved", state: { uid: state.uid } });
      expect(await bench.count(state)).toMatchObject({ resolvedAtMs: BORN_MS + 60_000, occurrenceCount: 1 });
    });

    it("lets no count from before a resolve undo it, but one from after it", async () => {
      const { state } = await count("intent-a");
      await count("intent-b");
      expect(await resolve()).toMatchObject({ kind: "resolved" });
      await shows(state, 2);
      expect((await bench.count(state)).resolvedAtMs).toBe(BORN_MS + 60_000);
      await count("intent-c");
      await shows(state, 3);
      expect((await bench.count(state)).resolvedAtMs).toBeNull();
    });

    it("resolves nothing where there is no request, or none that lives", async () => {
      expect(await resolve()).toEqual({ kind: "absent" });
      const { state } = await count("intent-a");
      await bench.setPhase(state, "Failed", BORN_MS);
      expect(await resolve()).toEqual({ kind: "absent" });
      expect((await bench.count(state)).resolvedAtMs).toBeNull();
    });

    it("resolves the live one of several", async () => {
      const { state } = await count("intent-a");
      await bench.setPhase(state, "Completed", BORN_MS);
      const next = await count("intent-b");
      expect(await resolve()).toMatchObject({ kind: "resolved", state: { uid: next.state.uid } });
      expect((await bench.count(state)).resolvedAtMs).toBeNull();
    });
  });
}
