import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OCCURRENCES_MAX } from "../../../src/domain/ledger-limits.ts";
import { parseAlertmanager } from "../../../src/sources/alertmanager.ts";
import { context, entry, expectAlert, expectOk, NOW_MS, parseOne, webhook } from "./context.ts";

const labels = { alertname: "KubePodCrashLooping", namespace: "shop", pod: "web-0", severity: "critical" };
const read = async (value: unknown, more = {}) => expectOk(await parseAlertmanager(value, context(more)));
const readOne = async (over: object, told: object = labels) => expectAlert(await parseOne(entry(told, over)));
const caseOf = (name: string) => JSON.parse(readFileSync(new URL(`../../cases/${name}.json`, import.meta.url), "utf8")).body;

describe("what does not identify an alert", () => {
  it("never costs it as senders in the field write it", async () => {
    const starts = (await read(caseOf("starts-in-other-words"), { nowMs: Date.parse("2026-11-27T03:00:00Z") })).alerts.map(
      (alert) => expectAlert(alert).draft.spec.firingTime,
    );
    expect(starts).toEqual(["2026-11-27T02:00:00.500Z", "2026-11-27T02:00:00.000Z", "2026-11-27T02:00:00.000Z"]);
    const { alerts } = await read(caseOf("values-of-other-types"));
    expect(alerts.map((alert) => expectAlert(alert).draft.spec.signalAnnotations)).toEqual([
      { summary: "x", value: "3.2" },
      { summary: "made up" },
      {},
    ]);
    expect(expectAlert(alerts[1]).draft.spec.signalLabels).toMatchObject({ port: "8080" });
  });

  it("costs it nothing whatever JSON stands there", async () => {
    const { fingerprint } = await readOne({});
    const SIDE = ["annotations", "startsAt", "endsAt", "generatorURL", "fingerprint"];
    const ENVELOPE = ["receiver", "groupKey", "truncatedAlerts", "status", "externalURL", "groupLabels", "commonLabels", "version"];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...SIDE),
        fc.constantFrom(...ENVELOPE),
        fc.jsonValue(),
        fc.jsonValue(),
        async (side, part, one, two) => {
          const payload = await read(webhook([entry(labels, { [side]: one })], { [part]: two }));
          expect(payload).toMatchObject({
            receiver: expect.any(String),
            groupKey: expect.any(String),
            alerts: [{ status: "firing", fingerprint }],
          });
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it("costs it nothing where it is a status that is no text", async () => {
    const { fingerprint } = await readOne({});
    await fc.assert(
      fc.asyncProperty(
        fc.jsonValue().filter((told) => typeof told !== "string"),
        async (status) => {
          expect(await readOne({ status })).toMatchObject({ status: "firing", fingerprint });
        },
      ),
    );
  });
});

describe("labels and annotations", () => {
  it.each([
    [8080, "8080"],
    [3.25, "3.25"],
    [-0, "0"],
    [1e21, "1e+21"],
    [true, "true"],
    [false, "false"],
    [{ b: 1, a: [null, "x"] }, '{"a":[null,"x"],"b":1}'],
    [[], "[]"],
    ["a\0", "a\uFFFD"],
  ])("are read as text: %j", async (value, text) => {
    const { spec } = (await readOne({ annotations: { value } }, { ...labels, value })).draft;
    expect([spec.signalLabels.value, spec.signalAnnotations.value]).toEqual([text, text]);
  });

  it("of null are none", async () => {
    const { spec } = (await readOne({ annotations: { value: null } }, { ...labels, value: null })).draft;
    expect([spec.signalLabels, spec.signalAnnotations]).toEqual([labels, {}]);
  });

  it("tell the same alert whether as a number or its text", async () => {
    const unnamed = { alertname: "DiskFull", severity: "warning" };
    const [number, text] = [
      await readOne({ fingerprint: "" }, { ...unnamed, port: 8080 }),
      await readOne({ fingerprint: "" }, { ...unnamed, port: "8080" }),
    ];
    expect([number.fingerprint, number.instance]).toEqual([text.fingerprint, text.instance]);
  });

  it("may have any names", async () => {
    const told = { ...labels, "\uFEFFjob": "a", "k8s.pod/name": "b", "": "c", "ü 😀": "d" };
    expect((await readOne({}, told)).draft.spec.signalLabels).toEqual(told);
  });

  it.each([["none of these"], [7], [["a"]], [true]])("are none where annotations are %j", async (annotations) => {
    expect((await readOne({ annotations })).draft.spec.signalAnnotations).toEqual({});
  });
});

describe("an alert's name", () => {
  it.each([
    [{ alertname: "A", rule: "B", rulename: "C" }, "A"],
    [{ rule: "B", rulename: "C" }, "B"],
    [{ alertname: "", rulename: "C" }, "C"],
    [{ alertname: null, rule: "", rulename: 7 }, "7"],
  ])("of %j is %s", async (told, name) => {
    const alert = await readOne({}, { ...told, namespace: "shop", pod: "web-0" });
    expect([alert.name, alert.draft.spec.signalName]).toEqual([name, name]);
  });

  it("tells the same alert whichever label holds it", async () => {
    const where = { namespace: "shop", pod: "web-0" };
    const [usual, other] = [await readOne({}, { ...where, alertname: "A" }), await readOne({}, { ...where, rule: "A" })];
    expect([other.fingerprint, other.group]).toEqual([usual.fingerprint, usual.group]);
  });
});

describe("an alert's status", () => {
  const past = new Date(NOW_MS - 1).toISOString();
  const future = new Date(NOW_MS + 1).toISOString();
  const ZERO = "0001-01-01T00:00:00Z";

  it.each<[unknown, unknown, unknown, string]>([
    ["Firing", past, "resolved", "firing"],
    [" RESOLVED ", ZERO, "firing", "resolved"],
    ["alerting", ZERO, "firing", "firing"],
    ["OK", ZERO, "firing", "resolved"],
    [undefined, past, "firing", "resolved"],
    [undefined, NOW_MS, "firing", "resolved"],
    [undefined, future, "firing", "firing"],
    [undefined, future, "resolved", "resolved"],
    [undefined, ZERO, "Resolved", "resolved"],
    [undefined, ZERO, undefined, "firing"],
    [null, "soon", "whatever", "firing"],
    ["", undefined, undefined, "firing"],
  ])("of %j that ends at %j in a webhook of status %j is %s", async (status, endsAt, top, taken) => {
    const { alerts } = await read(webhook([entry(labels, { status, endsAt })], { status: top }));
    expect(alerts).toMatchObject([{ kind: "alert", status: taken }]);
  });
});

describe("the envelope", () => {
  it("is read with texts for numbers and numbers for texts", async () => {
    const over = { version: 4, receiver: 7, groupKey: { b: 1, a: 2 }, truncatedAlerts: "3" };
    expect(await read(webhook([entry(labels)], over))).toMatchObject({
      ...{ receiver: "7", groupKey: '{"a":2,"b":1}', truncatedAlerts: 3 },
      alerts: [{ kind: "alert" }],
    });
  });

  it.each([["-3"], ["3.5"], [-3], [3.5], ["1e3"], [null], [[3]]])(
    "counts no alerts as left out where it says %j",
    async (truncatedAlerts) => {
      expect(await read(webhook([entry(labels)], { truncatedAlerts }))).toMatchObject({ truncatedAlerts: 0 });
    },
  );

  it.each([[2 ** 31], [2 ** 53], [1e300], [Number.POSITIVE_INFINITY], ["9".repeat(400)]])(
    "counts as many alerts as a count holds as left out where it says %j",
    async (truncatedAlerts) => {
      expect(await read(webhook([entry(labels)], { truncatedAlerts }))).toMatchObject({ truncatedAlerts: OCCURRENCES_MAX });
    },
  );

  it("of another version is read if its alerts have labels", async () => {
    for (const version of ["5", "v4", 2.5, {}]) expect((await read(webhook([7, entry(labels)], { version }))).alerts).toHaveLength(2);
    const foreign = webhook([{ text: "no labels" }], { version: "5" });
    expect(await parseAlertmanager(foreign, context())).toMatchObject({ ok: false });
  });
});
