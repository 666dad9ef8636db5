import { describe, expect, it } from "vitest";
import type { Alert, ParsedAlert } from "../../../src/domain/alert.ts";
import { type Delivery, deliveryKey } from "../../../src/domain/delivery.ts";

const alert = (instance: string, more: Partial<Alert> = {}) =>
  ({ kind: "alert", fingerprint: "f".repeat(64), instance, status: "firing", startsAtMs: 1000, start: "told", ...more }) as ParsedAlert;
const [a, b] = [alert("a"), alert("b")];
const delivery: Delivery = { idempotencyKey: null, source: "s", receiver: "r", groupKey: "g", alerts: [a, b], operation: "0".repeat(32) };
const key = (more: Partial<Delivery> = {}) => deliveryKey({ ...delivery, ...more });

describe("the delivery key", () => {
  it("is 32 hex", async () => {
    for (const each of [key(), key({ idempotencyKey: "k" }), key({ groupKey: "" })]) expect(await each).toMatch(/^[0-9a-f]{32}$/);
  });

  it("is the same for a group in the same state, whatever the order, repeats or POST", async () => {
    expect(await key({ alerts: [b, a, a], operation: "1".repeat(32) })).toBe(await key());
  });

  it.each(["untold", "unreadable"] as const)("is the same for alerts whose start is %s, whenever they come in", async (start) => {
    const at = (startsAtMs: number) => key({ alerts: [alert("a", { start, startsAtMs })] });
    expect(await at(1)).toBe(await at(2));
    expect(await at(1)).not.toBe(await key({ alerts: [a] }));
  });

  it.each<[string, Partial<Delivery>]>([
    ["source", { source: "t" }],
    ["receiver", { receiver: "t" }],
    ["group", { groupKey: "t" }],
    ["set of alerts", { alerts: [a] }],
    ["instance", { alerts: [a, alert("c")] }],
    ["status", { alerts: [a, alert("b", { status: "resolved" })] }],
    ["start", { alerts: [a, alert("b", { startsAtMs: 1001 })] }],
    ["fingerprint", { alerts: [a, alert("b", { fingerprint: "e".repeat(64) })] }],
    [
      "invalid alert",
      {
        alerts: [a, b, { kind: "invalid", fingerprint: "d".repeat(64), instance: "e".repeat(64) }],
      },
    ],
  ])("differs with another %s", async (_, more) => {
    expect(await key(more)).not.toBe(await key());
  });

  it("is the sender's own within its source, whatever the payload", async () => {
    const own = { idempotencyKey: "k" };
    expect(await key({ ...own, alerts: [], groupKey: "", operation: "1".repeat(32) })).toBe(await key(own));
    expect(await key({ ...own, source: "t" })).not.toBe(await key(own));
    expect(await key({ idempotencyKey: "l" })).not.toBe(await key(own));
  });

  it("is the POST's own where nothing else tells", async () => {
    expect(await key({ groupKey: "", idempotencyKey: "" })).toBe(delivery.operation);
  });
});
