import { expect, it } from "vitest";
import { openAlertmanager } from "../../../src/sources/alertmanager.ts";
import { parseJson } from "../../../src/sources/json.ts";
import { openKubernetesEvents } from "../../../src/sources/kubernetes-event.ts";
import type { OpenedPayload, OpenPayload } from "../../../src/sources/payload.ts";
import { readAlerts, SLICE_ALERTS_MAX } from "../../../src/sources/read-alerts.ts";
import { context, entry, webhook } from "./context.ts";

/** A payload as a request brings it: of a long one the alerts are pieces of its bytes. */
function opened(value: unknown, open: (value: unknown, own: ReturnType<typeof context>) => OpenedPayload = openAlertmanager): OpenPayload {
  const parsed = parseJson(new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value)), { inPieces: true });
  if (!parsed.ok) throw new Error(parsed.reason);
  const payload = open(parsed.value, context());
  if (!payload.ok) throw new Error(payload.expected);
  return payload;
}

const alerts = (size: number) =>
  Array.from({ length: size }, (_, at) => entry({ alertname: "A", namespace: "shop", pod: `web-${at}` }, { fingerprint: undefined }));

/** How many items were read before each pause, and in all. */
async function watched(payload: OpenPayload) {
  let reads = 0;
  const pauses: number[] = [];
  const read: OpenPayload["read"] = (item) => {
    reads += 1;
    return payload.read(item);
  };
  const result = await readAlerts({ ...payload, read }, async () => void pauses.push(reads));
  return { result, pauses, reads };
}

it("reads at most 500 alerts without a pause", async () => {
  const { result, pauses, reads } = await watched(opened(webhook(alerts(1_200))));
  expect([pauses, reads, result.alerts.length]).toEqual([[SLICE_ALERTS_MAX, 2 * SLICE_ALERTS_MAX], 1_200, 1_200]);
});

it("reads fewer where they are large", async () => {
  const large = alerts(600).map((alert) => ({ ...alert, values: Array.from({ length: 500 }, (_, at) => at) }));
  const { pauses } = await watched(opened(webhook(large)));
  expect(pauses.length).toBeGreaterThan(2);
});

it("reads equal junk once, however much of it there is", async () => {
  const { result, reads } = await watched(opened(`{"alerts":[${"7,".repeat(9_999)}7]}`));
  expect(reads).toBe(1);
  expect(result.alerts).toHaveLength(10_000);
  expect(new Set(result.alerts.map(({ kind }) => kind))).toEqual(new Set(["invalid"]));
});

it("keeps of a large payload no more than what tells its alerts apart, and reads the rest anew", async () => {
  const { result } = await watched(opened(webhook(alerts(600))));
  expect(result.alerts.every((alert) => !("draft" in alert))).toBe(true);
  const [last] = await result.whole([599], async () => {});
  expect(last).toMatchObject({ kind: "alert", fingerprint: result.alerts[599]?.fingerprint, draft: { namespace: "shop" } });
});

it("reads the same of alerts whether they came as pieces or not", async () => {
  const all = alerts(600);
  const pieces = await watched(opened(webhook(all)));
  const whole = await readAlerts(openAlertmanager(webhook(all), context()) as OpenPayload, async () => {});
  expect(pieces.result.alerts).toEqual(whole.alerts);
});

it.each([
  ["is no JSON", '{"alerts":[@,{"status":firing}]}', "json-invalid"],
  ["holds a name twice", '{"alerts":[@,{"a":1,"a":2}]}', "duplicate-key"],
])("refuses a long payload of which a piece %s", async (_, text, reason) => {
  const many = JSON.stringify(alerts(600)).slice(1, -1);
  await expect(readAlerts(opened(text.replace("@", many)), async () => {})).rejects.toMatchObject({ name: "JsonFault", reason });
});

it("opens the envelopes of a long array of events", async () => {
  const event = (at: number) => ({
    metadata: { namespace: "shop", uid: `u-${at}` },
    involvedObject: { kind: "Pod", name: `web-${at}`, namespace: "shop" },
    reason: "BackOff",
    type: "Warning",
    count: 1,
  });
  const frames = Array.from({ length: 600 }, (_, at) => ({ type: at === 5 ? "DELETED" : "ADDED", object: event(at) }));
  const { alerts: read } = await readAlerts(opened(frames, openKubernetesEvents), async () => {});
  expect(read).toHaveLength(599);
  expect(read.every(({ kind }) => kind === "alert")).toBe(true);
});
