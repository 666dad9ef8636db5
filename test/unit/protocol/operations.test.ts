import * as v from "valibot";
import { describe, expect, it } from "vitest";
import type { OperationResult } from "../../../src/ports/remediation-writer.ts";
import { answers, OperationsAnswer, OperationsCall } from "../../../src/protocol/operations.ts";
import { ensureOf, fingerprintOf, recordOf } from "../kubernetes/builders.ts";

const request = { namespace: "shop", name: "rr-a-1", uid: "uid-1" };
const ensure = ensureOf(fingerprintOf("a"), "intent-a");
const state = { ...request, resourceVersion: "7", intent: "intent-a", phase: "", ended: false, endedAtMs: null, session: "session-a" };

describe("a call", () => {
  const accepts = (call: unknown) => v.safeParse(OperationsCall, call).success;
  const record = recordOf(request, "intent-a", 2);

  it("carries every kind of operation unchanged", () => {
    const operations = [ensure, { ...ensure, draft: { ...ensure.draft, namespace: "" } }, { kind: "observe", request }, record];
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
    for (const count of [0, -1, 0.5, Number.MAX_SAFE_INTEGER + 1, "2"])
      expect(accepts({ operations: [{ ...record, count }], deadlineMs: 1 })).toBe(false);
  });

  it("names no slot that an object has by birth", () => {
    expect(accepts({ operations: [{ ...record, slot: "__proto__" }], deadlineMs: 1 })).toBe(false);
  });
});

describe("an answer", () => {
  const fits = (results: readonly OperationResult[]) => answers([ensure, { kind: "observe", request }], results);
  const created: OperationResult = { kind: "created", state, otherOccurrences: 0, takenBack: [] };

  it("carries every kind of result unchanged", () => {
    const results: OperationResult[] = [
      created,
      { kind: "existing", state, otherOccurrences: 3, takenBack: ["uid-0"] },
      { kind: "observed", state },
      { kind: "recorded", state, members: 3 },
      { kind: "gone" },
      { kind: "pending" },
      { kind: "refused", reason: "invalid" },
      { kind: "failed", reason: "api-unreachable" },
    ];
    expect(v.parse(OperationsAnswer, { results })).toEqual({ results });
  });

  it("of a proxy of the version before tells of no watch and nothing taken back", () => {
    const { session: _, ...old } = state;
    const results = [{ kind: "created", state: old, otherOccurrences: 0 }];
    expect(v.parse(OperationsAnswer, { results })).toEqual({ results: [{ ...created, state: { ...state, session: null } }] });
  });

  it("fits only a call of as many operations of the right kinds about the same objects", () => {
    expect(fits([created, { kind: "observed", state }])).toBe(true);
    expect(fits([{ kind: "pending" }, { kind: "gone" }])).toBe(true);
    expect(fits([created])).toBe(false);
    expect(fits([created, { kind: "gone" }, { kind: "gone" }])).toBe(false);
    expect(fits([{ kind: "gone" }, { kind: "gone" }])).toBe(false);
    expect(fits([{ kind: "observed", state }, created])).toBe(false);
    expect(fits([created, { kind: "observed", state: { ...state, uid: "uid-2" } }])).toBe(false);
    expect(fits([{ ...created, state: { ...state, intent: "intent-b" } }, { kind: "gone" }])).toBe(false);
  });
});
