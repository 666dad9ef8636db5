import { describe, expect, it } from "vitest";
import { type Claims, isClean, judge } from "../../support/checker.ts";
import type { Taken } from "../../support/faults/load.ts";

const fingerprint = (digit: string) => digit.repeat(64);
const taken = (digit: string, over: Partial<Taken["results"][number]> = {}, attempts = 1): Taken => ({
  delivery: { key: digit, alerts: [] },
  results: [
    {
      ...{ fingerprint: fingerprint(digit), outcome: "created", occurrenceCount: 1, reason: "new", rung: "kubernetes" },
      remediationRequest: { namespace: "shop", name: `rr-${digit}` },
      ...over,
    },
  ],
  attempts,
  sentMs: 100,
  answeredMs: 110,
});
const unnamed = { outcome: "accepted", remediationRequest: null, rung: "cache" };
const object = (digit: string, occurrenceCount = 1, overallPhase = "Pending") => ({
  metadata: { name: `rr-${digit}` },
  spec: { signalFingerprint: fingerprint(digit) },
  status: { overallPhase, deduplication: { occurrenceCount } },
});
const storm = (digits: readonly string[], occurrenceCount: number) => ({
  metadata: { name: "rr-storm" },
  spec: { signalFingerprint: fingerprint("f"), isStorm: true },
  status: {
    deduplication: { occurrenceCount },
    storm: { members: digits.map((digit) => `${digit.repeat(16)} shop:Pod:web`) },
  },
});
const claims = (all: readonly Taken[], over: Partial<Claims> = {}): Claims => ({
  ...{ namespace: "shop", taken: all, losses: new Set(), lostSinceMs: 0, lostUntilMs: 0, ledgerBroken: false },
  ...over,
});

describe("the checker", () => {
  it("has nothing to say where each acknowledged alert is in one request and counted there", () => {
    const verdict = judge(claims([taken("a"), taken("a"), taken("b"), taken("c"), taken("d")]), [
      object("a", 2),
      object("b"),
      storm(["c", "d"], 2),
    ]);
    expect([isClean(verdict), verdict.excluded, verdict.overAsDocumented]).toEqual([true, 0, 0]);
  });

  it("names an alert that is nowhere", () => {
    expect(judge(claims([taken("a"), taken("b", unnamed)]), []).lost).toEqual([fingerprint("a"), fingerprint("b")]);
  });

  it("finds a member also where a storm was made of it and does not list it yet", () => {
    const providerData = Buffer.from(JSON.stringify({ storm: { ids: "c".repeat(16) + "d".repeat(16) } })).toString("base64");
    const made = { ...storm([], 2), spec: { ...storm([], 2).spec, providerData } };
    expect(isClean(judge(claims([taken("c"), taken("d")]), [made]))).toBe(true);
  });

  it("finds an alert in what was deleted since, and takes nothing of that for live", () => {
    const gone = { ...object("a", 2), metadata: { name: "rr-a", deletionTimestamp: "2026-01-01T00:00:00Z" } };
    expect(isClean(judge(claims([taken("a"), taken("a")], { deleted: [gone] }), []))).toBe(true);
    expect(judge(claims([taken("a"), taken("a"), taken("a")], { deleted: [gone] }), []).under).toHaveLength(1);
    expect(judge(claims([taken("a"), taken("a"), taken("a")], { deleted: [gone] }), [object("a")]).doubled).toEqual([]);
  });

  it("names an alert that two live requests hold, be one a storm, and none of an ended one", () => {
    expect(judge(claims([taken("a")]), [object("a"), object("a")]).doubled).toEqual(["a".repeat(16)]);
    expect(judge(claims([taken("a")]), [object("a"), storm(["a"], 1)]).doubled).toEqual(["a".repeat(16)]);
    expect(judge(claims([taken("a")]), [object("a", 1, "Completed"), object("a")]).doubled).toEqual([]);
  });

  it("names what is counted too little, of one alert or in storms", () => {
    expect(judge(claims([taken("a"), taken("a")]), [object("a", 1)]).under).toHaveLength(1);
    expect(judge(claims([taken("a"), taken("b")]), [storm(["a", "b"], 1)]).under).toEqual(["sum 1 of 2"]);
  });

  it("names what is counted too much, unless another way of deciding came between, and only by so much", () => {
    expect(judge(claims([taken("a", {}, 3)]), [object("a", 2)]).over).toHaveLength(1);
    const mixed = claims([taken("a", {}, 3)], { ledgerBroken: true });
    expect(judge(mixed, [object("a", 2)])).toMatchObject({ over: [], overAsDocumented: 1 });
    expect(judge(mixed, [object("a", 3)]).over).toHaveLength(1);
    expect(judge(claims([taken("a", { rung: "direct" })]), [object("a", 2)]).over).toEqual([]);
    expect(judge(claims([taken("a"), taken("b")]), [storm(["a", "b"], 3)]).over).toEqual(["sum 3 of 2"]);
  });

  it("leaves out what Redis took along, but no request that was named, though a storm may not list its member yet, and nothing that came later", () => {
    const losses = new Set(["redis-data"] as const);
    const lost = claims([taken("a", unnamed)], { losses, lostUntilMs: 100 });
    expect(judge(lost, [])).toMatchObject({ lost: [], excluded: 1 });
    expect(judge(claims([taken("a")], { losses, lostUntilMs: 100 }), []).lost).toHaveLength(1);
    const member = claims([taken("a", { remediationRequest: { namespace: "shop", name: "rr-storm" } })], { losses, lostUntilMs: 100 });
    expect(judge(member, [storm(["b"], 1)])).toMatchObject({ lost: [], excluded: 1 });
    expect(judge(member, []).lost).toHaveLength(1);
    expect(judge(claims([taken("a", unnamed)], { losses, lostUntilMs: 99 }), []).lost).toHaveLength(1);
    expect(judge(claims([taken("a"), taken("a")], { losses, lostUntilMs: 100 }), [object("a")])).toMatchObject({ under: [], excluded: 1 });
  });

  it("leaves out what a proxy had counted by itself when it died", () => {
    const losses = new Set(["direct-counts"] as const);
    const direct = [taken("a"), taken("a", { rung: "direct" })];
    expect(judge(claims(direct, { losses, lostUntilMs: 100 }), [object("a")])).toMatchObject({ under: [], excluded: 1 });
    expect(judge(claims(direct), [object("a")]).under).toHaveLength(1);
  });

  it("leaves out what Redis acknowledged in its last seconds, and nothing of before", () => {
    const tail = { losses: new Set(["redis-tail"] as const), lostUntilMs: 120 };
    expect(judge(claims([taken("a", unnamed)], { ...tail, lostSinceMs: 110 }), [])).toMatchObject({ lost: [], excluded: 1 });
    expect(judge(claims([taken("a", unnamed)], { ...tail, lostSinceMs: 111 }), []).lost).toHaveLength(1);
  });

  it("asks for another request for what fired after the end of one, which may have been counted on both", () => {
    const ended = new Map([[fingerprint("a"), { name: "rr-a", endedMs: 150 }]]);
    const both = [taken("a"), { ...taken("a"), sentMs: 151 }];
    const next = { ...object("a"), metadata: { name: "rr-a-2" } };
    expect(judge(claims(both, { ended }), [object("a", 2, "Completed")]).lost).toEqual([fingerprint("a")]);
    expect(isClean(judge(claims([taken("a")], { ended }), [object("a", 1, "Completed")]))).toBe(true);
    expect(isClean(judge(claims(both, { ended }), [object("a", 1, "Completed"), next]))).toBe(true);
    expect(judge(claims(both, { ended }), [object("a", 2, "Completed"), next])).toMatchObject({ over: [], overAsDocumented: 1 });
    expect(judge(claims(both, { ended }), [object("a", 3, "Completed"), next]).over).toHaveLength(1);
    expect(judge(claims([...both, ...both], { ended }), [object("a", 1, "Completed"), next]).under).toHaveLength(1);
  });

  it("counts an event by how much it has grown, and without the ledger at least once", () => {
    const grown = (over: Partial<Taken["results"][number]> = {}): Taken => ({
      ...taken("a", over),
      delivery: { key: "a", alerts: [], worth: 3 },
    });
    expect(isClean(judge(claims([taken("a"), grown()]), [object("a", 4)]))).toBe(true);
    expect(judge(claims([taken("a"), grown()]), [object("a", 3)]).under).toHaveLength(1);
    expect(judge(claims([taken("a"), grown({ rung: "direct" })]), [object("a", 2)]).under).toEqual([]);
    expect(judge(claims([taken("a"), grown({ rung: "direct" })]), [object("a", 1)]).under).toHaveLength(1);
  });

  it("asks each live request to show that its alert is resolved, and of nobody to ignore that", () => {
    const over = (outcome: string) => [taken("a"), taken("a", { outcome })];
    const shown = { ...object("a"), status: { deduplication: { occurrenceCount: 1, resolvedAt: "2026-01-01T00:00:00Z" } } };
    expect(isClean(judge(claims(over("resolved")), [shown]))).toBe(true);
    expect(judge(claims(over("resolved")), [object("a")]).unresolved).toEqual([fingerprint("a")]);
    expect(judge(claims(over("ignored")), [shown]).unresolved).toHaveLength(1);
    const losses = new Set(["redis-data"] as const);
    expect(judge(claims(over("ignored"), { losses }), [object("a")]).unresolved).toEqual([]);
  });
});
