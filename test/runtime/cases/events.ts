import { expect, it } from "vitest";
import { type Client, EVENTS } from "../client.ts";
import { eventIn, fresh, MARKER, sha256, webhook } from "../payloads.ts";

const CLOUD_EVENT = { specversion: "1.0", type: "dev.knative.apiserver.resource.add", source: `https://${MARKER}`, id: "1" };

/** What becomes of Kubernetes events. */
export function eventCases(client: () => Client): void {
  const post = (payload: unknown) => client().post(EVENTS, payload);
  const mine = (over?: object) => eventIn(client().target.namespace, over);

  it("answers a core/v1 Event 201 with its request", async () => {
    const event = mine({ reason: "OOMKilled" });
    const answer = await post(event);
    const fingerprint = sha256(`OOMKilled:${client().target.namespace}:Pod:${event.involvedObject.name}`);
    expect(answer).toMatchObject({ status: 201, results: [{ fingerprint, outcome: "created", occurrenceCount: 1 }] });
    const found = await client().target.requests(client().target.namespace);
    expect(found.find(({ spec }) => spec.signalFingerprint === fingerprint)?.spec.severity).toBe("critical");
  });

  it("takes an events.k8s.io/v1 Event", async () => {
    const { involvedObject, message, count, firstTimestamp, lastTimestamp, ...rest } = mine({ apiVersion: "events.k8s.io/v1" });
    const event = { ...rest, regarding: involvedObject, note: message, eventTime: "2026-01-15T09:30:00.123456Z", series: { count: 4 } };
    expect(await post(event)).toMatchObject({ status: 201, results: [{ outcome: "created" }] });
  });

  it("takes an array and an EventList, in their order", async () => {
    const events = [mine(), mine({ type: "Normal" }), mine()];
    const outcomes = ["created", "ignored", "created"];
    expect((await post(events)).results.map(({ outcome }) => outcome)).toEqual(outcomes);
    const list = { kind: "EventList", apiVersion: "v1", metadata: {}, items: [mine(), mine({ type: "Normal" }), mine()] };
    expect((await post(list)).results.map(({ outcome }) => outcome)).toEqual(outcomes);
  });

  it("ignores Normal events", async () => {
    expect(await post(mine({ type: "Normal" }))).toMatchObject({
      status: 202,
      results: [{ outcome: "ignored", reason: "event-normal", remediationRequest: null }],
    });
  });

  it("counts the growth of an event's own count", async () => {
    const event = mine({ count: 7 });
    const counted = async (count: unknown) => (await post({ ...event, count })).results[0];
    expect(await counted(7)).toMatchObject({ outcome: "created", occurrenceCount: 1 });
    expect(await counted(10)).toMatchObject({ outcome: "duplicate", occurrenceCount: 4 });
    expect(await counted(10)).toMatchObject({ outcome: "duplicate", occurrenceCount: 4, reason: "event-already-counted" });
    expect(await counted(8)).toMatchObject({ outcome: "duplicate", occurrenceCount: 4, reason: "event-already-counted" });
  });

  it("quarantines an event without reason or object among good ones", async () => {
    const answer = await post([mine({ reason: "" }), mine(), mine({ involvedObject: { name: fresh() } }), 7]);
    expect(answer.status).toBe(201);
    expect(answer.results.map(({ outcome, reason }) => `${outcome} ${reason}`)).toEqual([
      "quarantined event-reason-missing",
      "created new",
      "quarantined event-object-missing",
      "quarantined not-an-object",
    ]);
  });

  it("counts the growth of a count that is text", async () => {
    const event = mine({ count: "3" });
    expect((await post(event)).results).toMatchObject([{ outcome: "created", occurrenceCount: 1 }]);
    expect((await post({ ...event, count: "9" })).results).toMatchObject([{ outcome: "duplicate", occurrenceCount: 7 }]);
  });

  it("counts an event without a count by its last time", async () => {
    const event = mine({ count: undefined });
    const heard = async (lastTimestamp: string) => (await post({ ...event, lastTimestamp })).results[0];
    expect(await heard("2026-11-27T02:31:00Z")).toMatchObject({ outcome: "created", occurrenceCount: 1 });
    expect(await heard("2026-11-27T02:45:00Z")).toMatchObject({ outcome: "duplicate", occurrenceCount: 2 });
    expect(await heard("2026-11-27T02:45:00Z")).toMatchObject({ reason: "event-already-counted", occurrenceCount: 2 });
  });

  it("ignores events of types like Normal in any case, and takes those without a type", async () => {
    const answer = await post(["normal", "Info", " INFORMATION ", undefined, "warning"].map((type) => mine({ type })));
    expect(answer.results.map(({ outcome }) => outcome)).toEqual(["ignored", "ignored", "ignored", "created", "created"]);
  });

  it.each<[string, string, (event: object) => unknown]>([
    ["a CloudEvent", "application/cloudevents+json; charset=utf-8", (data) => ({ ...CLOUD_EVENT, data })],
    ["a CloudEvent in base64", "application/cloudevents+json", (event) => ({ ...CLOUD_EVENT, data_base64: btoa(JSON.stringify(event)) })],
    ["a batch of CloudEvents", "application/cloudevents-batch+json", (data) => [{ ...CLOUD_EVENT, data }]],
    ["a frame of a watch", "application/json", (object) => ({ type: "ADDED", object })],
    ["eventrouter's layout", "application/json", (event) => ({ verb: "ADDED", event, old_event: null })],
  ])("takes an event in %s", async (_name, type, wrap) => {
    const answer = await client().post(EVENTS, wrap(mine()), { "content-type": type });
    expect(answer).toMatchObject({ status: 201, results: [{ outcome: "created" }] });
  });

  it.each(["application/x-ndjson", "application/jsonl", "application/json-lines; charset=utf-8"])(
    "takes an event in each line of %s, and a line that is no JSON costs no other",
    async (type) => {
      const lines = [mine(), mine({ type: "Normal" }), { ...CLOUD_EVENT, data: mine() }].map((event) => JSON.stringify(event));
      const answer = await client().post(EVENTS, `${lines[0]}\n{${MARKER}\n\n${lines[1]}\r\n${lines[2]}\n`, { "content-type": type });
      expect(answer.status).toBe(201);
      expect(answer.results.map(({ outcome }) => outcome)).toEqual(["created", "quarantined", "ignored", "created"]);
    },
  );

  it("refuses lines none of which is JSON with 400, and more than it takes with 413", async () => {
    const lines = (text: string) => client().post(EVENTS, text, { "content-type": "application/x-ndjson" });
    expect(await lines(`{${MARKER}\n[\n`)).toMatchObject({ status: 400, json: { code: "json-invalid" } });
    expect(await lines("\n\n")).toMatchObject({ status: 400, json: { code: "empty" } });
    expect(await lines("1\n".repeat(client().target.limits.alerts + 1))).toMatchObject({ status: 413, json: { code: "alerts-too-many" } });
  });

  it("bears counts that no event has", async () => {
    for (const count of [1e308, -1, 0, 1.5, "nine", null, {}])
      expect(await post(mine({ count }))).toMatchObject({ status: 201, results: [{ outcome: "created", occurrenceCount: 1 }] });
  });

  it("answers an alert webhook on this path 422, naming what was expected", async () => {
    const answer = await post(webhook([]));
    expect(answer).toMatchObject({ status: 422, json: { code: "payload-unexpected", detail: expect.stringContaining("involvedObject") } });
  });
}
