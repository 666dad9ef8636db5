import { expect, it } from "vitest";
import { type Client, EVENTS } from "../client.ts";
import { eventIn, fresh, sha256, webhook } from "../payloads.ts";

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

  it("bears counts that no event has", async () => {
    for (const count of [1e308, -1, 0, 1.5, "9", null, {}])
      expect(await post(mine({ count }))).toMatchObject({ status: 201, results: [{ outcome: "created", occurrenceCount: 1 }] });
  });

  it("answers an alert webhook on this path 422, naming what was expected", async () => {
    const answer = await post(webhook([]));
    expect(answer).toMatchObject({ status: 422, json: { code: "payload-unexpected", detail: expect.stringContaining("involvedObject") } });
  });
}
