import { beforeEach, describe, expect, it } from "vitest";
import type { Priority, RequestId, Severity } from "../../src/domain/remediation-request.ts";
import type { Operation, OperationResult, RemediationWriter } from "../../src/ports/remediation-writer.ts";
import { BORN_MS, ensureOf, recordOf } from "../unit/kubernetes/builders.ts";
import { directCases } from "./remediation-writer-direct.contract.ts";
import { stormCases } from "./remediation-writer-storm.contract.ts";

/** What a reader of a request sees of its count. */
export interface ShownCount {
  readonly occurrenceCount: number;
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
  readonly resolvedAtMs: number | null;
}

/** What a reader of a storm's request sees of its members: the lines of its status. */
export interface ShownStorm {
  readonly members: readonly string[];
  readonly details: readonly unknown[];
  readonly closedAtMs: number | null;
}

/** A writer and the hands of all who act on requests beside it. */
export interface WriterBench {
  readonly writer: RemediationWriter;
  /** Exists and holds no requests. */
  readonly namespace: string;
  readonly fallbackNamespace: string;
  /** Number of requests in both namespaces with this fingerprint. */
  size(fingerprint: string): Promise<number>;
  count(request: RequestId): Promise<ShownCount>;
  storm(request: RequestId): Promise<ShownStorm>;
  /** Whether its label says that it waited in a window. */
  isBuffered(request: RequestId): Promise<boolean>;
  /** Writes the whole status as a controller does that knows of phases only. */
  erase(request: RequestId, phase: string): Promise<void>;
  setPhase(request: RequestId, phase: string, atMs: number): Promise<void>;
  remove(request: RequestId): Promise<void>;
}

export const TIMEOUT_MS = 10_000;
export const randomHex = (digits: number): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(digits)), (byte) => (byte % 16).toString(16)).join("");

/** What every RemediationWriter promises. */
export function remediationWriterContract(name: string, open: () => Promise<WriterBench>): void {
  describe(`RemediationWriter contract: ${name}`, () => {
    let bench: WriterBench;
    let fingerprint: string;
    beforeEach(async () => {
      bench = await open();
      fingerprint = randomHex(64);
    });

    const one = async (operation: Operation): Promise<OperationResult> => {
      const [result] = await bench.writer.perform([operation], TIMEOUT_MS);
      if (!result) throw new Error("no result");
      return result;
    };
    const ensure = (intent: string, retry = false) => one(ensureOf(fingerprint, intent, bench.namespace, retry));
    const created = async (intent: string) => {
      const result = await ensure(intent);
      if (result.kind !== "created") throw new Error(`not created but ${JSON.stringify(result)}`);
      return result.state;
    };

    it("creates one live request, in the namespace of the draft, under the fingerprint's name", async () => {
      const state = await created("intent-a");
      expect(state).toMatchObject({
        namespace: bench.namespace,
        name: `rr-${fingerprint.slice(0, 32)}-1`,
        intent: "intent-a",
        ended: false,
      });
      expect(await bench.size(fingerprint)).toBe(1);
    });

    it("puts a request without a namespace into the fallback namespace", async () => {
      const result = await one(ensureOf(fingerprint, "intent-a", ""));
      expect(result).toMatchObject({ kind: "created", state: { namespace: bench.fallbackNamespace } });
    });

    it("answers an intent that is ensured again with the object it made", async () => {
      const state = await created("intent-a");
      expect(await ensure("intent-a", true)).toMatchObject({ kind: "created", state: { uid: state.uid }, otherOccurrences: 0 });
      expect(await bench.size(fingerprint)).toBe(1);
    });

    it("answers an intent with its own object also after that has ended", async () => {
      const state = await created("intent-a");
      await bench.setPhase(state, "Completed", BORN_MS + 60_000);
      const again = await ensure("intent-a", true);
      expect(again).toMatchObject({
        kind: "created",
        state: { uid: state.uid, phase: "Completed", ended: true, endedAtMs: BORN_MS + 60_000 },
      });
      expect(await bench.size(fingerprint)).toBe(1);
    });

    it("gives another intent the live request that exists, and what others counted on it", async () => {
      const state = await created("intent-a");
      expect(await ensure("intent-b")).toMatchObject({
        kind: "existing",
        state: { uid: state.uid, intent: "intent-a" },
        otherOccurrences: 1,
      });
      await one(recordOf(state, "intent-a", 5));
      await one(recordOf(state, "intent-b", 2));
      expect(await ensure("intent-b")).toMatchObject({ kind: "existing", otherOccurrences: 5 });
    });

    it("creates a new request under a new name once the last has ended", async () => {
      const first = await created("intent-a");
      await bench.setPhase(first, "Failed", BORN_MS);
      const second = await created("intent-b");
      expect(second.name).toBe(`rr-${fingerprint.slice(0, 32)}-2`);
      expect(second.ended).toBe(false);
    });

    it("takes any phase but the five terminal ones for live", async () => {
      const state = await created("intent-a");
      for (const phase of ["Processing", "completed", "Blocked"]) {
        await bench.setPhase(state, phase, BORN_MS);
        expect(await ensure("intent-b")).toMatchObject({ kind: "existing", state: { phase, ended: false, endedAtMs: null } });
      }
      for (const phase of ["Completed", "Failed", "Cancelled", "Skipped", "TimedOut"]) {
        await bench.setPhase(state, phase, BORN_MS);
        expect(await one({ kind: "observe", request: state })).toMatchObject({ kind: "observed", state: { phase, ended: true } });
      }
    });

    it("keeps two intents of one call apart from each other's fingerprint", async () => {
      const other = randomHex(64);
      const results = await bench.writer.perform(
        [ensureOf(fingerprint, "intent-a", bench.namespace), ensureOf(other, "intent-b", bench.namespace)],
        TIMEOUT_MS,
      );
      expect(results.map(({ kind }) => kind)).toEqual(["created", "created"]);
    });

    it("makes one live request of many intents at once, and answers each in its order", async () => {
      const intents = Array.from({ length: 6 }, (_, index) => `intent-${index}`);
      const results = await bench.writer.perform(
        intents.map((intent) => ensureOf(fingerprint, intent, bench.namespace)),
        TIMEOUT_MS,
      );
      expect(results).toHaveLength(intents.length);
      const uids = results.flatMap((result) => ("state" in result ? [result.state.uid] : []));
      expect(new Set(uids).size).toBe(1);
      const own = results.filter((result, index) => result.kind === "created" && result.state.intent === intents[index]);
      expect(own).toHaveLength(1);
      expect(await bench.size(fingerprint)).toBe(1);
    });

    it("observes an object by its uid, and calls another under its name gone", async () => {
      const state = await created("intent-a");
      expect(await one({ kind: "observe", request: state })).toMatchObject({ kind: "observed", state: { uid: state.uid, phase: "" } });
      await bench.remove(state);
      expect(await one({ kind: "observe", request: state })).toMatchObject({ kind: "gone" });
      const next = await created("intent-b");
      expect(next.name).toBe(state.name);
      expect(await one({ kind: "observe", request: state })).toMatchObject({ kind: "gone" });
      expect(await one(recordOf(state, "intent-a", 500))).toEqual({ kind: "gone" });
      expect(await bench.count(next)).toMatchObject({ occurrenceCount: 1 });
    });

    it("counts what each writer counted, however often and late it is told", async () => {
      const state = await created("intent-a");
      await one(recordOf(state, "intent-a", 3));
      await one(recordOf(state, "intent-b", 4));
      expect((await bench.count(state)).occurrenceCount).toBe(7);
      await one(recordOf(state, "intent-b", 4));
      await one(recordOf(state, "intent-a", 2));
      expect((await bench.count(state)).occurrenceCount).toBe(7);
    });

    it("counts the creation once where only others write", async () => {
      const state = await created("intent-a");
      await one(recordOf(state, "intent-b", 2));
      expect((await bench.count(state)).occurrenceCount).toBe(3);
      await one(recordOf(state, "intent-a", 1));
      expect((await bench.count(state)).occurrenceCount).toBe(3);
    });

    it("keeps the earliest and the latest time it was told", async () => {
      const state = await created("intent-a");
      await one(recordOf(state, "intent-a", 2, { firstSeenMs: BORN_MS - 5_000, lastSeenMs: BORN_MS + 9_000 }));
      await one(recordOf(state, "intent-a", 3, { firstSeenMs: BORN_MS, lastSeenMs: BORN_MS + 8_000 }));
      expect(await bench.count(state)).toMatchObject({ firstSeenMs: BORN_MS - 5_000, lastSeenMs: BORN_MS + 9_000 });
    });

    it("shows a resolve until it fires again, whatever a late writer says", async () => {
      const state = await created("intent-a");
      const resolvedAtMs = BORN_MS + 10_000;
      await one(recordOf(state, "intent-a", 2, { resolvedAtMs }));
      expect((await bench.count(state)).resolvedAtMs).toBe(resolvedAtMs);
      await one(recordOf(state, "intent-a", 1));
      await one(recordOf(state, "intent-a", 2));
      expect((await bench.count(state)).resolvedAtMs).toBe(resolvedAtMs);
      await one(recordOf(state, "intent-a", 3));
      expect((await bench.count(state)).resolvedAtMs).toBeNull();
    });

    it("lets no late writer resolve what has fired since", async () => {
      const state = await created("intent-a");
      await one(recordOf(state, "intent-a", 3));
      await one(recordOf(state, "intent-a", 2, { resolvedAtMs: BORN_MS + 2_500 }));
      expect(await bench.count(state)).toMatchObject({ occurrenceCount: 3, resolvedAtMs: null });
    });

    it("takes a resolve that brings no new count", async () => {
      const state = await created("intent-a");
      await one(recordOf(state, "intent-a", 1, { resolvedAtMs: BORN_MS + 10_000 }));
      expect(await bench.count(state)).toMatchObject({ occurrenceCount: 1, resolvedAtMs: BORN_MS + 10_000 });
    });

    it("changes nothing by a record that says nothing new", async () => {
      const state = await created("intent-a");
      const first = await one(recordOf(state, "intent-a", 3));
      const again = await one(recordOf(state, "intent-a", 3));
      expect(first).toMatchObject({ kind: "recorded", state: { uid: state.uid } });
      expect(again).toEqual(first);
    });

    it("shows the highest severity and priority that any writer tells, each for itself, and never a lower one", async () => {
      const state = await created("intent-a");
      expect(state.urgency).toEqual({ severity: "warning", priority: "P2" });
      const tell = (slot: string, severity: Severity, priority: Priority) =>
        one(recordOf(state, slot, 2, { urgency: { severity, priority } }));
      await Promise.all([tell("a", "critical", "P3"), tell("b", "info", "P0"), tell("c", "info", "P3")]);
      const highest = { severity: "critical", priority: "P0" };
      expect(await one(recordOf(state, "d", 1))).toMatchObject({ kind: "recorded", state: { urgency: highest } });
      expect(await one({ kind: "observe", request: state })).toMatchObject({ state: { urgency: highest } });
      expect(await ensure("intent-b")).toMatchObject({ kind: "existing", state: { urgency: highest } });
    });

    it("writes to a request that has ended", async () => {
      const state = await created("intent-a");
      await bench.setPhase(state, "Completed", BORN_MS);
      expect(await one(recordOf(state, "intent-a", 9))).toMatchObject({ kind: "recorded", state: { phase: "Completed", ended: true } });
      expect((await bench.count(state)).occurrenceCount).toBe(9);
    });

    it("labels a request whose alert waited in a window, and no other", async () => {
      const results = await bench.writer.perform(
        [{ ...ensureOf(fingerprint, "intent-a", bench.namespace), buffered: true }, ensureOf(randomHex(64), "intent-b", bench.namespace)],
        TIMEOUT_MS,
      );
      const labels = results.map((result) => ("state" in result ? bench.isBuffered(result.state) : null));
      expect(await Promise.all(labels)).toEqual([true, false]);
    });

    it("answers no operations with no results", async () => {
      expect(await bench.writer.perform([], TIMEOUT_MS)).toEqual([]);
    });

    stormCases(() => bench);
    directCases(() => bench);
  });
}
