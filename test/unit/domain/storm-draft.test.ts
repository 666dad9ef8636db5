import { readFileSync } from "node:fs";
import { type Schema, Validator } from "@cfworker/json-schema";
import { describe, expect, it } from "vitest";
import { parse as parseYaml } from "yaml";
import type { RequestSpec } from "../../../src/domain/remediation-request.ts";
import { commonLabels, memberId, type StormDraft, type StormMember, stormSpec } from "../../../src/domain/storm-draft.ts";
import { fingerprintOf, stormDraftOf } from "../kubernetes/builders.ts";
import { decodeBase64 } from "../sources/context.ts";

const WINDOW = "b".repeat(32);
const numbered = (n: number) => n.toString(16).padStart(16, "0").padEnd(64, "f");
const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value)).length;
const told = ({ providerData }: RequestSpec) => JSON.parse(decodeBase64(providerData)).storm;

function draft(count: number, over: (member: StormMember, n: number) => Partial<StormMember> = () => ({})): StormDraft {
  const whole = stormDraftOf(
    fingerprintOf("a"),
    WINDOW,
    Array.from({ length: count }, (_, n) => numbered(n)),
  );
  return { ...whole, members: whole.members.map((member, n) => ({ ...member, ...over(member, n) })) };
}

describe("the spec of a storm's request", () => {
  it("tells whom it stands for", () => {
    const { base, members, ...rest } = draft(3);
    const spec = stormSpec({ base, members, ...rest }, 100_000);
    expect(spec).toEqual({
      ...base,
      signalFingerprint: fingerprintOf("a"),
      isStorm: true,
      stormType: "pattern",
      stormWindow: "45s",
      stormAlertCount: 3,
      affectedResources: ["shop:Pod:web-0", "shop:Pod:web-1", "shop:Pod:web-2"],
      providerData: expect.any(String),
    });
    expect(JSON.parse(decodeBase64(spec.providerData))).toEqual({
      namespace: "shop",
      cluster: "east",
      storm: {
        window: WINDOW,
        ids: members.map(({ fingerprint }) => memberId(fingerprint)).join(""),
        members: members.map(({ fingerprint, target, severity, firingTime, details }) => ({
          id: memberId(fingerprint),
          target,
          severity,
          startsAt: firingTime,
          ...details,
        })),
        truncated: false,
      },
    });
  });

  it("is as severe and as urgent as its worst member, and fires since its first", () => {
    const times = ["2026-03-01T10:00:03.000Z", "2026-03-01T09:00:00.000Z", "2026-03-01T10:00:01.000Z"];
    const severities = ["info", "warning", "critical"] as const;
    const priorities = ["P3", "P1", "P2"] as const;
    const members = (_: StormMember, n: number) => ({ severity: severities[n], priority: priorities[n], firingTime: times[n] });
    const spec = stormSpec(draft(3, members as never), 100_000);
    expect(spec).toMatchObject({ severity: "critical", priority: "P1", firingTime: times[1] });
  });

  it("names a resource once", () => {
    expect(
      stormSpec(
        draft(3, () => ({ target: "shop:Pod:web" })),
        100_000,
      ).affectedResources,
    ).toEqual(["shop:Pod:web"]);
  });

  it.each(["test/compat/remediationrequests.seed-era.yaml", "deploy/crd.yaml"])("is valid, whole and cut, by %s", (path) => {
    const crd = parseYaml(readFileSync(path, "utf8"));
    const schema: Schema = crd.spec.versions[0].schema.openAPIV3Schema.properties.spec;
    const validator = new Validator({ ...schema, additionalProperties: false }, "7", false);
    for (const room of [1_000_000, 12_000, 0])
      expect(validator.validate(JSON.parse(JSON.stringify(stormSpec(draft(300), room)))).errors).toEqual([]);
  });

  it("loses details of the last members first, then what its first member tells beside, then names, and never an id", () => {
    const heavy = draft(200);
    const storm: StormDraft = { ...heavy, base: { ...heavy.base, originalPayload: "e30=".repeat(500), signalAnnotations: { text: "x" } } };
    const all = 200 * 16;
    let names = 200;
    const stages = new Set<string>();
    for (let room = 80_000; room >= 0; room -= 500) {
      const spec = stormSpec(storm, room);
      const { ids, members, truncated } = told(spec);
      const now = { details: members.length, names: spec.affectedResources?.length ?? 0, payload: spec.originalPayload.length };
      expect([ids.length, spec.stormAlertCount]).toEqual([all, 200]);
      expect(members.map(({ id }: { id: string }) => id)).toEqual(
        storm.members.slice(0, now.details).map(({ fingerprint }) => memberId(fingerprint)),
      );
      expect(truncated).toBe(now.details < 200 || now.names < 200 || now.payload < 2_000);
      if (now.names < 200) expect([now.details, spec.originalPayload]).toEqual([0, "e30="]);
      if (now.names > 0) expect(bytes(spec)).toBeLessThanOrEqual(room);
      expect(now.names).toBeLessThanOrEqual(names);
      stages.add(now.details === 200 ? "whole" : now.names === 200 ? "details" : now.names > 0 ? "names" : "ids");
      names = now.names;
    }
    expect([...stages]).toEqual(["whole", "details", "names", "ids"]);
  });

  it("stays within its room also where names and details need escapes or several bytes", () => {
    const text = `"\\\n${"é😀".repeat(20)}`;
    const details = { labels: { [text]: text }, annotations: { __proto__: text } };
    const storm = draft(300, (_, n) => ({ target: `shop:Pod:${text}${n}`, details }));
    for (const room of [200_000, 60_000, 40_000, 20_000]) {
      const spec = stormSpec(storm, room);
      expect(bytes(spec)).toBeLessThanOrEqual(room);
      expect(room - bytes(spec)).toBeLessThan(room === 200_000 ? room : 1_500);
    }
  });

  it("keeps labels that are called like what every object has", () => {
    const labels = JSON.parse('{"__proto__":"a","constructor":"b"}');
    const spec = stormSpec(
      draft(1, () => ({ details: { labels, annotations: {} } })),
      100_000,
    );
    expect(JSON.stringify(told(spec).members[0].labels)).toBe('{"__proto__":"a","constructor":"b"}');
  });
});

describe("the labels that all have alike", () => {
  it("have one text everywhere", () => {
    expect(
      commonLabels([
        { a: "1", b: "2", c: "3" },
        { a: "1", b: "3", c: "3" },
        { a: "1", c: "3" },
      ]),
    ).toEqual({ a: "1", c: "3" });
    expect(commonLabels([])).toEqual({});
    expect(JSON.stringify(commonLabels([JSON.parse('{"__proto__":"a"}'), JSON.parse('{"__proto__":"a"}')]))).toBe('{"__proto__":"a"}');
    expect(commonLabels([{ toString: "a" }, {}])).toEqual({});
  });
});
