import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseKubernetesEvents } from "../../../src/sources/kubernetes-event.ts";
import { parseAgain } from "../../../src/sources/parse-again.ts";
import { eventsOf } from "../../../src/sources/unwrap-events.ts";
import { context, decodeBase64, expectAlert, expectOk } from "./context.ts";

const involvedObject = { kind: "Pod", namespace: "shop", name: "web-0" };
const event = { kind: "Event", metadata: { uid: "u-1", namespace: "shop" }, involvedObject, reason: "BackOff", type: "Warning", count: 3 };
const cloudEvent = { specversion: "1.0", type: "dev.knative.apiserver.resource.add", source: "https://10.96.0.1:443", id: "1" };
const base64 = (value: unknown) => btoa(JSON.stringify(value));

const readAll = async (value: unknown) => expectOk(await parseKubernetesEvents(value, context())).alerts;

interface Case {
  readonly name: string;
  readonly events?: readonly unknown[];
  readonly body?: unknown;
  readonly lines?: readonly string[];
}
const CASES: readonly Case[] = JSON.parse(readFileSync(new URL("../../cases/events.json", import.meta.url), "utf8"));

describe("an event in an envelope", () => {
  it.each<[string, unknown]>([
    ["nothing", event],
    ["a CloudEvent", { ...cloudEvent, data: event }],
    ["a CloudEvent whose data is text", { ...cloudEvent, data: JSON.stringify(event) }],
    ["a CloudEvent whose data is base64", { ...cloudEvent, datacontenttype: "application/json", data_base64: base64(event) }],
    ["a batch of CloudEvents", [{ ...cloudEvent, data: event }]],
    ["a CloudEvent of a list", { ...cloudEvent, data: { kind: "EventList", items: [event] } }],
    ["a frame of a watch", { type: "ADDED", object: event }],
    ["a changed frame of a watch", { type: "MODIFIED", object: event }],
    ["a list of frames of a watch", { kind: "List", items: [{ type: "ADDED", object: event }] }],
    ["eventrouter's layout", { verb: "UPDATED", event, old_event: { ...event, reason: "Older" } }],
    ["a collector's layout", { time: 1_795_744_800, sourcetype: "kube:events", event }],
    ["Argo Events' layout", { type: "ADD", group: "", version: "v1", resource: "events", body: event }],
    ["an envelope of type Error", { type: "Error", event }],
  ])("is read out of %s as the event itself", async (_, payload) => {
    const [alert, ...more] = await readAll(payload);
    expect(more).toEqual([]);
    const { fingerprint, event: seen, draft } = expectAlert(alert);
    expect([fingerprint, seen]).toEqual([expectAlert((await readAll(event))[0]).fingerprint, { uid: "u-1", count: 3, lastMs: null }]);
    expect(JSON.parse(decodeBase64(draft.spec.originalPayload))).toEqual(event);
  });

  it.each<[string, unknown]>([
    ["of a deletion, as its last occurrence was an hour before", { type: "DELETED", object: event }],
    ["of a deletion told by eventrouter", { verb: "deleted", event }],
    ["of a deletion told by a CloudEvent", { ...cloudEvent, type: "dev.knative.apiserver.resource.delete", data: event }],
    ["of a watch that is only alive", { type: "BOOKMARK", object: { kind: "Event", metadata: { resourceVersion: "7" } } }],
  ])("is passed over where it tells %s", async (_, payload) => {
    expect(await readAll(payload)).toEqual([]);
    expect(await readAll([payload, event])).toMatchObject([{ kind: "alert" }]);
  });

  it.each<[string, unknown]>([
    ["a CloudEvent of something else", { ...cloudEvent, data: { kind: "Pod", metadata: {} } }],
    ["a CloudEvent without data", cloudEvent],
    ["a CloudEvent whose data is no JSON", { ...cloudEvent, data: "BackOff" }],
    ["a CloudEvent whose data is no base64", { ...cloudEvent, data_base64: "%%%" }],
    ["an error of a watch", { type: "ERROR", object: { kind: "Status", reason: "Expired", code: 410 } }],
    ["too many envelopes", { event: { event: { event: { event: { event } } } } }],
    ["data nested too deeply", { ...cloudEvent, data: `${"[".repeat(70)}${"]".repeat(70)}` }],
  ])("is foreign alone, and a letter among events, as %s", async (_, payload) => {
    expect(await parseKubernetesEvents(payload, context())).toMatchObject({ ok: false, expected: expect.stringContaining("CloudEvent") });
    expect(await readAll([event, payload])).toMatchObject([{ kind: "alert" }, { kind: "invalid" }]);
  });

  it("is not looked for within an event", async () => {
    const within = { ...event, details: { ...event, reason: "Other" } };
    expect(await readAll(within)).toMatchObject([{ name: "BackOff" }]);
  });

  it("is kept without it as a dead letter, and reads again", async () => {
    const [invalid] = await readAll([{ ...cloudEvent, data: { ...event, reason: "" } }]);
    if (invalid?.kind !== "invalid") throw new Error("valid");
    const kept = JSON.parse(invalid.payload);
    expect(kept).toEqual({ ...event, reason: "" });
    expect(await parseAgain("kubernetes-event", { ...kept, reason: "BackOff" }, context())).toMatchObject({ kind: "alert" });
    expect(await parseAgain("kubernetes-event", kept, context())).toMatchObject({ kind: "invalid", fingerprint: invalid.fingerprint });
  });
});

describe("an event exporter's flat layout", () => {
  const flat = {
    message: "m",
    reason: "BackOff",
    type: "Warning",
    count: "3",
    kind: "Pod",
    name: "web-0",
    namespace: "shop",
    host: "worker-1",
  };

  it.each<[string, unknown]>([
    ["alone", flat],
    ["beside what else is told", { eventType: "kube-event", createdAt: "1795744800000", details: flat }],
  ])("is read %s", async (_, payload) => {
    const alert = expectAlert((await readAll(payload))[0]);
    expect(alert).toMatchObject({ event: null, resource: { kind: "Pod", name: "web-0" }, namespace: "shop" });
    expect(alert.fingerprint).toBe(expectAlert((await readAll(event))[0]).fingerprint);
    expect(JSON.parse(decodeBase64(alert.draft.spec.originalPayload))).toEqual(flat);
  });
});

describe("eventsOf", () => {
  it("never throws, and leaves what it gave as it is", () => {
    const pieces = fc.constantFrom<unknown>(
      event,
      [event],
      { data: event },
      { type: "DELETED", object: event },
      { kind: "List", items: [event, 7] },
    );
    const wrapped = fc.record({ data: pieces, event: fc.jsonValue(), data_base64: fc.string(), type: fc.string() }, { requiredKeys: [] });
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), pieces, wrapped), (value) => {
        const events = eventsOf(value).filter((item) => typeof item === "object" && item !== null && "involvedObject" in item);
        expect(eventsOf(events)).toEqual(events);
      }),
    );
  });

  it.each(CASES.map((each) => [each.name, each] as const))("reads what is sent in the field: %s", async (_, { events, body, lines }) => {
    const alerts = await readAll(events ?? body ?? lines?.map((line) => JSON.parse(line)));
    expect(alerts.length).toBeGreaterThan(0);
    expect(alerts.filter(({ kind }) => kind === "invalid")).toEqual([]);
  });
});
