import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { OCCURRENCES_MAX } from "../../../src/domain/ledger-limits.ts";
import { stormName } from "../../../src/domain/storm-draft.ts";
import type { Operation, OperationResult } from "../../../src/ports/remediation-writer.ts";
import { answers, OperationsAnswer, OperationsCall } from "../../../src/protocol/operations.ts";
import { memberLine } from "../../support/storm-builders.ts";
import { ensureOf, ensureStormOf, fingerprintOf, recordOf } from "../kubernetes/builders.ts";

const request = { namespace: "shop", name: "rr-a-1", uid: "uid-1" };
const storm = ensureStormOf(fingerprintOf("a"), "f".repeat(32), [fingerprintOf("b"), fingerprintOf("c")]);
const ensure = ensureOf(fingerprintOf("a"), "intent-a");
const urgency = { severity: "critical", priority: "P0" } as const;
const state = {
  ...{ ...request, resourceVersion: "7", intent: "intent-a", phase: "", ended: false, endedAtMs: null, session: "session-a" },
  urgency,
};

describe("a call", () => {
  const accepts = (call: unknown) => {
    const { success, output } = v.safeParse(OperationsCall, call);
    return success && !output.operations.includes(null);
  };
  const record = recordOf(request, "intent-a", 2);

  it("carries every kind of operation unchanged", () => {
    const forged = { ...record, urgency };
    const operations = [ensure, { ...ensure, draft: { ...ensure.draft, namespace: "" } }, { kind: "observe", request }, record, forged];
    expect(v.parse(OperationsCall, { operations, deadlineMs: 4000 })).toEqual({ operations, deadlineMs: 4000 });
  });

  it("keeps labels that are called like what every object has", () => {
    const labels: unknown = JSON.parse('{"__proto__":"a","constructor":"b","toString":"c"}');
    const spec = { ...ensure.draft.spec, signalLabels: labels, signalAnnotations: labels };
    const call = { operations: [{ ...ensure, draft: { ...ensure.draft, spec } }], deadlineMs: 1 };
    expect(JSON.stringify(v.parse(OperationsCall, call))).toBe(JSON.stringify(call));
    for (const signalLabels of [{ a: 1 }, ["a"], null, "a"])
      expect(accepts({ ...call, operations: [{ ...ensure, draft: { ...ensure.draft, spec: { ...spec, signalLabels } } }] })).toBe(false);
  });

  it("carries a storm and its members unchanged", () => {
    const listing = { members: [memberLine(fingerprintOf("b"), "shop:Pod:web"), "b".repeat(16)], closedAtMs: 5 };
    const operations = [storm, { ...ensure, buffered: true }, { ...record, storm: listing }];
    expect(v.parse(OperationsCall, { operations, deadlineMs: 4000 })).toEqual({ operations, deadlineMs: 4000 });
  });

  it("carries what is counted and resolved without a ledger unchanged", () => {
    const draft = { ...ensure.draft, namespace: "" };
    const operations = [
      { kind: "count", intent: "intent-a", draft },
      { kind: "resolve", fingerprint: fingerprintOf("a"), namespace: "", resolvedAtMs: 5 },
      { kind: "resolve", fingerprint: fingerprintOf("a"), namespace: "shop", resolvedAtMs: 0 },
    ];
    expect(v.parse(OperationsCall, { operations, deadlineMs: 4000 })).toEqual({ operations, deadlineMs: 4000 });
  });

  it("resolves only what can be a fingerprint, in what can be a namespace, at a time", () => {
    const resolve = { kind: "resolve", fingerprint: fingerprintOf("a"), namespace: "shop", resolvedAtMs: 5 };
    for (const wrong of [
      { fingerprint: "a" },
      { fingerprint: fingerprintOf("A") },
      { namespace: "../a" },
      { resolvedAtMs: -1 },
      { resolvedAtMs: null },
    ])
      expect(accepts({ operations: [{ ...resolve, ...wrong }], deadlineMs: 1 })).toBe(false);
    for (const intent of ["", "__proto__", "a b", "a".repeat(129)])
      expect(accepts({ operations: [{ kind: "count", intent, draft: ensure.draft }], deadlineMs: 1 })).toBe(false);
  });

  it("of a gateway of the version before is about no window", () => {
    const { buffered: _, ...oldEnsure } = ensure;
    const { storm: __, ...oldRecord } = record;
    expect(v.parse(OperationsCall, { operations: [oldEnsure, oldRecord], deadlineMs: 1 }).operations).toEqual([ensure, record]);
  });

  it("keeps members' labels that are called like what every object has", () => {
    const labels: unknown = JSON.parse('{"__proto__":"a","constructor":"b"}');
    const members = storm.storm.members.map((member) => ({ ...member, details: { labels, annotations: labels } }));
    const call = { operations: [{ ...storm, storm: { ...storm.storm, members } }], deadlineMs: 1 };
    expect(JSON.stringify(v.parse(OperationsCall, call))).toBe(JSON.stringify(call));
  });

  it("names 1 to 10,000 members of a window, and lists at most 2,000 at once", () => {
    const [member] = storm.storm.members;
    const of = (count: number) => ({
      operations: [{ ...storm, storm: { ...storm.storm, members: Array(count).fill(member) } }],
      deadlineMs: 1,
    });
    expect([0, 1, 10_000, 10_001].map((count) => accepts(of(count)))).toEqual([false, true, true, false]);
    const list = (members: unknown) => accepts({ operations: [{ ...record, storm: { members, closedAtMs: null } }], deadlineMs: 1 });
    const line = memberLine(fingerprintOf("b"), "shop:Pod:web");
    expect([list([]), list(Array(2_000).fill(line)), list(Array(2_001).fill(line))]).toEqual([true, true, false]);
    for (const other of ["", "web", line.toUpperCase(), `${line.slice(0, 16)}x`, 5]) expect(list([other])).toBe(false);
  });

  it("has at most 500 operations and a deadline within a minute", () => {
    expect(accepts({ operations: Array(500).fill(record), deadlineMs: 1 })).toBe(true);
    expect(accepts({ operations: Array(501).fill(record), deadlineMs: 1 })).toBe(false);
    for (const deadlineMs of [0, -1, 60_001, 1.5, "4000", undefined]) expect(accepts({ operations: [], deadlineMs })).toBe(false);
  });

  it("reaches no path but that of a request", () => {
    for (const name of ["../secrets/a", "a/status", "A", "", "a".repeat(254)])
      expect(accepts({ operations: [{ kind: "observe", request: { ...request, name } }], deadlineMs: 1 })).toBe(false);
    for (const namespace of ["kube-system/pods", "..", "", "a.b"])
      expect(accepts({ operations: [{ kind: "observe", request: { ...request, namespace } }], deadlineMs: 1 })).toBe(false);
  });

  it("counts in whole positive numbers", () => {
    for (const count of [0, -1, 0.5, "2"]) expect(accepts({ operations: [{ ...record, count }], deadlineMs: 1 })).toBe(false);
  });

  it("is read an operation at a time: one that cannot be read costs the others nothing", () => {
    const operations = [ensure, { kind: "delete" }, record, { ...record, slot: "" }, null, 5];
    expect(v.parse(OperationsCall, { operations, deadlineMs: 1 }).operations).toEqual([ensure, null, record, null, null, null]);
  });

  it("holds a count beyond all bounds to the bound, and refuses no call for it", () => {
    for (const count of [OCCURRENCES_MAX + 1, Number.MAX_SAFE_INTEGER, 2 ** 53, 1e300]) {
      const parsed = v.parse(OperationsCall, { operations: [{ ...record, count }], deadlineMs: 1 });
      expect(parsed.operations).toMatchObject([{ count: OCCURRENCES_MAX }]);
    }
  });

  it("names no slot that an object has by birth", () => {
    expect(accepts({ operations: [{ ...record, slot: "__proto__" }], deadlineMs: 1 })).toBe(false);
  });
});

describe("an answer", () => {
  const answersAll = (operations: readonly Operation[], results: readonly OperationResult[]) =>
    operations.every((operation, at) => answers(operation, results[at] as OperationResult));
  const fits = (results: readonly OperationResult[]) => answersAll([ensure, { kind: "observe", request }], results);
  const created: OperationResult = { kind: "created", state, otherOccurrences: 0, takenBack: [] };

  it("carries every kind of result unchanged", () => {
    const results: OperationResult[] = [
      created,
      { kind: "existing", state, otherOccurrences: 3, takenBack: ["uid-0"] },
      { kind: "observed", state },
      { kind: "storm-created", state, otherOccurrences: 0, held: [{ fingerprint: fingerprintOf("b"), state }] },
      { kind: "storm-adopted", state, otherOccurrences: 2, held: [], openedAtMs: 5, members: 7 },
      { kind: "storm-held", held: [{ fingerprint: fingerprintOf("b"), state }] },
      { kind: "recorded", state, members: 3 },
      { kind: "recorded", state, members: 3, held: [{ fingerprint: fingerprintOf("b"), state }] },
      { kind: "counted", state, created: true, occurrences: 3 },
      { kind: "resolved", state },
      { kind: "absent" },
      { kind: "gone" },
      { kind: "pending" },
      { kind: "refused", reason: "invalid" },
      { kind: "failed", reason: "api-unreachable" },
    ];
    expect(v.parse(OperationsAnswer, { results })).toEqual({ results });
  });

  it("is read a result at a time", () => {
    const results = [created, { kind: "created" }, { kind: "gone" }, "gone"];
    expect(v.parse(OperationsAnswer, { results }).results).toEqual([created, null, { kind: "gone" }, null]);
  });

  it("of a proxy of the version before tells of no watch, nothing taken back and nobody listed", () => {
    const { session: _, ...old } = state;
    const results = [
      { kind: "created", state: old, otherOccurrences: 0 },
      { kind: "recorded", state: old },
    ];
    const known = { ...state, session: null };
    expect(v.parse(OperationsAnswer, { results }).results).toEqual([
      { ...created, state: known },
      { kind: "recorded", state: known, members: 0 },
    ]);
  });

  it("fits only an operation of its kind, about the same object", () => {
    expect(fits([created, { kind: "observed", state }])).toBe(true);
    expect(fits([{ kind: "pending" }, { kind: "gone" }])).toBe(true);
    expect(fits([{ kind: "gone" }, { kind: "gone" }])).toBe(false);
    expect(fits([{ kind: "observed", state }, created])).toBe(false);
    expect(fits([created, { kind: "observed", state: { ...state, uid: "uid-2" } }])).toBe(false);
    expect(fits([{ ...created, state: { ...state, intent: "intent-b" } }, { kind: "gone" }])).toBe(false);
  });

  it("about a count names as held only members that were to be listed", () => {
    const record = recordOf(request, "intent-a", 2, {
      storm: { members: [memberLine(fingerprintOf("b"), "shop:Pod:web")], closedAtMs: null },
    });
    const held = (digit: string) =>
      ({ kind: "recorded", state, members: 1, held: [{ fingerprint: fingerprintOf(digit), state }] }) as const;
    expect([answersAll([record], [held("b")]), answersAll([record], [held("c")])]).toEqual([true, false]);
    expect(answersAll([recordOf(request, "intent-a", 2)], [held("b")])).toBe(false);
  });

  it("about what is counted or resolved is of its own kind, on whichever request holds it", () => {
    const count = { kind: "count", intent: "intent-a", draft: ensure.draft } as const;
    const resolve = { kind: "resolve", fingerprint: fingerprintOf("a"), namespace: "shop", resolvedAtMs: 5 } as const;
    const counted = { kind: "counted", state, created: false, occurrences: 2 } as const;
    expect(answersAll([count, resolve], [counted, { kind: "absent" }])).toBe(true);
    expect(
      answersAll(
        [count, resolve],
        [
          { kind: "failed", reason: "timeout" },
          { kind: "resolved", state },
        ],
      ),
    ).toBe(true);
    expect(answersAll([count], [{ kind: "absent" }])).toBe(false);
    expect(answersAll([count], [created])).toBe(false);
    expect(answersAll([resolve], [{ kind: "gone" }])).toBe(false);
    expect(answersAll([resolve], [counted])).toBe(false);
  });

  it("about a window names its own object, or one that may be adopted, and as held only members, all where there is none", () => {
    const adopt = { ...storm.adopt, exceptUids: ["uid-closed"] };
    const fitsStorm = (result: OperationResult) => answersAll([{ ...storm, adopt }], [result]);
    const own = { ...state, name: stormName(storm.storm.window), intent: "of-an-earlier-try" };
    const held = (...digits: string[]) => digits.map((digit) => ({ fingerprint: fingerprintOf(digit), state }));
    const made = { kind: "storm-created", state: own, otherOccurrences: 0 } as const;
    const adopted = { kind: "storm-adopted", otherOccurrences: 0, openedAtMs: 1, members: 2 } as const;
    expect(fitsStorm({ ...made, held: [] })).toBe(true);
    expect(fitsStorm({ ...made, held: held("b") })).toBe(true);
    expect(fitsStorm({ ...made, state: { ...state, intent: "intent-other" }, held: [] })).toBe(false);
    expect(fitsStorm({ ...made, held: held("d") })).toBe(false);
    expect(fitsStorm({ ...made, held: held("b", "b") })).toBe(false);
    expect(fitsStorm({ ...adopted, state, held: held("c") })).toBe(true);
    expect(fitsStorm({ ...adopted, state: { ...state, uid: "uid-closed" }, held: [] })).toBe(false);
    expect(fitsStorm({ kind: "storm-held", held: held("b", "c") })).toBe(true);
    expect(fitsStorm({ kind: "storm-held", held: held("b") })).toBe(false);
    expect(fitsStorm(created)).toBe(false);
    expect(fitsStorm({ kind: "pending" })).toBe(true);
    expect(fits([{ ...made, held: [] }, { kind: "gone" }])).toBe(false);
  });
});
