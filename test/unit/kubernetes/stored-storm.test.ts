import { describe, expect, it } from "vitest";
import { readRequest, subjectOf } from "../../../src/adapters/kubernetes/stored-request.ts";
import { hasMember, readStorm } from "../../../src/adapters/kubernetes/stored-storm.ts";
import { base64 } from "../../../src/domain/base64.ts";
import { memberId, stormSpec } from "../../../src/domain/storm-draft.ts";
import { fingerprintOf, stormDraftOf } from "./builders.ts";
import { memberOf } from "./watch-bench.ts";

const WINDOW = "b".repeat(32);
const draft = stormDraftOf(fingerprintOf("a"), WINDOW, [1, 2].map(memberOf));
const spec = stormSpec(draft, 100_000);
const metadata = {
  namespace: "shop",
  name: `rr-storm-${WINDOW}`,
  uid: "uid-1",
  resourceVersion: "1",
  creationTimestamp: "2026-03-01T10:00:00Z",
};
const read = (over: object) => readStorm({ metadata, spec, ...over });

describe("what is read of a storm's object", () => {
  it("is its window, those it was made of, and what it lists", () => {
    const members = [`${memberId(memberOf(3))} shop:Pod:late`];
    const storm = read({ status: { storm: { members, closedAt: "2026-03-01T10:00:07Z", truncated: true } } });
    expect(storm).toMatchObject({ window: WINDOW, listing: { closedAtMs: Date.parse("2026-03-01T10:00:07Z"), truncated: true } });
    expect([...(storm?.made().ids ?? [])]).toEqual([1, 2].map((n) => memberId(memberOf(n))));
    expect([1, 2, 3, 4].map((n) => storm && hasMember(storm, memberId(memberOf(n))))).toEqual([true, true, true, false]);
  });

  it("is nothing of a request for a single alert, whatever else it tells", () => {
    for (const isStorm of [undefined, false, "true"])
      expect(read({ spec: { ...spec, isStorm }, status: { storm: { members: ["x"] } } })).toBeNull();
  });

  it("is never missing for a foreign writer's slip", () => {
    const slips = [
      { storm: null },
      { storm: { members: "x", closedAt: "soon", truncated: 1 } },
      null,
      "x",
      {},
      { storm: { members: [5, null] } },
    ];
    for (const status of slips)
      expect(read({ status })).toMatchObject({ listing: { lines: new Map(), closedAtMs: null, truncated: false } });
    const others = [undefined, 5, "", "%", "e30=", base64('{"storm":{"ids":5}}'), base64('{"storm":{"ids":"abc"}}'), base64("{")];
    for (const providerData of others) expect(read({ spec: { ...spec, providerData } })?.made().ids.size).toBe(0);
    const whole = { metadata, spec: { ...spec, providerData: 5 }, status: { storm: "x", overallPhase: "Processing" } };
    expect(readRequest(whole)).toMatchObject({ phase: "Processing", storm: { window: WINDOW } });
  });

  it("is read with text of any kind beside the ids", () => {
    const storm = { ...draft, cluster: "größe-😀" };
    expect(read({ spec: stormSpec(storm, 100_000) })?.made().ids.size).toBe(2);
  });

  it("is called by its group and window, or by its fingerprint where something else named it", () => {
    const named = (name: string) => readRequest({ metadata: { ...metadata, name }, spec });
    const subjects = [`rr-storm-${WINDOW}`, "storm-of-today", `rr-storm-${WINDOW}0`].map((name) => {
      const request = named(name);
      return request && subjectOf(request);
    });
    expect(subjects).toEqual([`${fingerprintOf("a")}.${WINDOW}`, fingerprintOf("a"), fingerprintOf("a")]);
  });
});
