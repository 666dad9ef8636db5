import { describe, expect, it } from "vitest";
import { readRequest } from "../../../src/adapters/kubernetes/stored-request.ts";
import { OCCURRENCES_MAX } from "../../../src/domain/ledger-limits.ts";

const object = (deduplication: unknown) => ({
  metadata: { namespace: "shop", name: "rr-a-1", uid: "u", resourceVersion: "7", creationTimestamp: "2026-03-01T10:00:00Z" },
  spec: { signalFingerprint: "a".repeat(64), deduplication: { occurrenceCount: 2 ** 60 } },
  status: { deduplication },
});

describe("a request that others may write to", () => {
  it("holds counts beyond all bounds to the bound, and reads no count where none is, at no cost to the other slots", () => {
    const slots = { "intent-a": 3, huge: 2 ** 62, max: Number.MAX_SAFE_INTEGER, negative: -5, part: 0.5, text: "7", none: null, folded: 0 };
    const request = readRequest(object({ slots }));
    expect(request?.counted.slots).toEqual({ "intent-a": 3, huge: OCCURRENCES_MAX, max: OCCURRENCES_MAX, folded: 0 });
    expect(request?.born.occurrences).toBe(OCCURRENCES_MAX);
  });

  it.each([["text"], [7], [null]])("has no slots where they are %j", (slots) => {
    expect(readRequest(object({ slots }))?.counted.slots).toEqual({});
  });
});
