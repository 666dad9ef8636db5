import { describe, expect, it } from "vitest";
import { type Again, type Answered, Refused, type Traced } from "../../../scripts/storm/gateway.ts";
import { reportOf } from "../../../scripts/storm/report.ts";
import { sendStorm, type World } from "../../../scripts/storm/send.ts";
import { type Fate, isSettled, type Progress } from "../../../scripts/storm/track.ts";
import { type Webhook, webhooksOf } from "../../../scripts/storm/webhooks.ts";

const BEGAN_MS = Date.UTC(2026, 0, 15);
const OPTIONS = { waitMs: 90_000, tell: () => {} };

interface Gateway {
  readonly answer: (webhook: Webhook, nowMs: number) => readonly Answered[] | Again;
  readonly receipt?: (fingerprint: string, nowMs: number) => Traced | Again;
}

/** Every delivery takes 10 ms of its time. */
function worldOf({ answer, receipt = () => ({ trouble: "nothing is known" }) }: Gateway) {
  let nowMs = 0;
  const delivered: string[] = [];
  const looked: string[] = [];
  const world: World = {
    async deliver(webhook) {
      nowMs += 10;
      delivered.push(webhook.groupKey);
      return answer(webhook, nowMs);
    },
    async look(fingerprint) {
      looked.push(fingerprint);
      return receipt(fingerprint, nowMs);
    },
    now: () => nowMs,
    async pause(ms) {
      nowMs += ms;
    },
  };
  return { world, delivered, looked };
}

/** The same of each alert, whose fingerprint is its pod. */
const each = ({ alerts }: Webhook, answered: Omit<Answered, "fingerprint">) =>
  (alerts as readonly { readonly labels: { readonly pod: string } }[]).map(({ labels }) => ({ fingerprint: labels.pod, ...answered }));
const buffered = (webhook: Webhook) => each(webhook, { outcome: "buffered", request: null });

describe("the webhooks of a storm", () => {
  it("hold every alert once, at most a batch in each, the groups in turn", () => {
    const webhooks = webhooksOf({ size: 45, groups: 2, batch: 20 }, "run", BEGAN_MS);
    expect(webhooks.map(({ alerts }) => alerts.length)).toEqual([20, 20, 20, 20, 5, 5]);
    const labels = webhooks.flatMap(({ alerts }) => alerts.map((alert) => JSON.stringify((alert as { labels: object }).labels)));
    expect(new Set(labels).size).toBe(90);
    expect(new Set(webhooks.map(({ groupKey }) => groupKey)).size).toBe(6);
  });
});

describe("a storm drill", () => {
  const webhooks = webhooksOf({ size: 4, groups: 1, batch: 2 }, "run", BEGAN_MS);

  it("sends again what nobody answered, until each alert is settled", async () => {
    const { world, delivered } = worldOf({
      answer: (webhook, nowMs) => (nowMs > 2_000 ? each(webhook, { outcome: "created", request: "shop/a" }) : { trouble: "503" }),
    });
    const drill = await sendStorm(webhooks, world, OPTIONS);
    expect(drill.fates).toEqual(
      Array.from({ length: 4 }, () => ({ outcome: "created", request: "shop/a", without: null, trouble: null }) satisfies Fate),
    );
    expect(drill.firstRequestMs).toBeGreaterThan(2_000);
    expect(delivered.length).toBeGreaterThan(webhooks.length);
  });

  it("follows the receipts of what waits, and of nothing else, and delivers nothing twice that was answered", async () => {
    const { world, delivered, looked } = worldOf({
      answer: (webhook) =>
        webhook === webhooks[0] ? buffered(webhook) : each(webhook, { outcome: "appended", request: "shop/rr-storm-1" }),
      receipt: (_, nowMs) => ({ request: nowMs > 3_000 ? "shop/rr-storm-1" : null, without: null }),
    });
    const drill = await sendStorm(webhooks, world, OPTIONS);
    expect(drill.fates.map(({ outcome, request }) => `${outcome} ${request}`)).toEqual([
      "buffered shop/rr-storm-1",
      "buffered shop/rr-storm-1",
      "appended shop/rr-storm-1",
      "appended shop/rr-storm-1",
    ]);
    expect(delivered).toHaveLength(2);
    expect(new Set(looked)).toEqual(new Set(["checkout-1", "checkout-2"]));
    expect(drill.firstRequestMs).toBe(20);
  });

  it("takes as settled what needs no request, by its answer or by its receipt", async () => {
    const { world } = worldOf({
      answer: (webhook) => (webhook === webhooks[0] ? each(webhook, { outcome: "ignored", request: null }) : buffered(webhook)),
      receipt: () => ({ request: null, without: "cancelled" }),
    });
    const { fates } = await sendStorm(webhooks, world, OPTIONS);
    expect(fates.map(({ without }) => without)).toEqual(["ignored", "ignored", "cancelled", "cancelled"]);
  });

  it("waits as long as there is news, and then for so long once more", async () => {
    const many = webhooksOf({ size: 8, groups: 1, batch: 8 }, "run", BEGAN_MS);
    const settledAtMs = (fingerprint: string) => 60_000 * Number(fingerprint.split("-")[1]);
    const { world } = worldOf({
      answer: buffered,
      receipt: (fingerprint, nowMs) => ({
        request: fingerprint !== "checkout-8" && nowMs > settledAtMs(fingerprint) ? "shop/a" : null,
        without: null,
      }),
    });
    const { fates } = await sendStorm(many, world, OPTIONS);
    expect(fates.map(isSettled)).toEqual([true, true, true, true, true, true, true, false]);
    expect(world.now()).toBeGreaterThan(7 * 60_000 + OPTIONS.waitMs);
    expect(world.now()).toBeLessThan(7 * 60_000 + OPTIONS.waitMs + 2_000);
  });

  it("sends nothing again that a gateway would take for a new delivery, and says what was in the way", async () => {
    const { world } = worldOf({ answer: () => ({ trouble: "503 store-unavailable" }) });
    let lastMs = 0;
    const deliver: World["deliver"] = (webhook) => {
      lastMs = world.now();
      return world.deliver(webhook);
    };
    const told: Progress[] = [];
    const { fates } = await sendStorm(webhooks, { ...world, deliver }, { waitMs: 600_000, tell: (progress) => void told.push(progress) });
    expect(fates.map(({ outcome, trouble }) => `${outcome} ${trouble}`)).toEqual(Array(4).fill("null 503 store-unavailable"));
    expect(lastMs).toBeLessThan(120_000);
    expect(told.at(-1)).toEqual({ answered: 0, settled: 0, trouble: "503 store-unavailable" });
  });

  it("asks for no more receipts once one was refused, and keeps what it knows", async () => {
    const { world, looked } = worldOf({
      answer: (webhook) => (webhook === webhooks[0] ? buffered(webhook) : each(webhook, { outcome: "created", request: "shop/a" })),
      receipt: () => {
        throw new Refused("the gateway shows no receipts: 401");
      },
    });
    const { fates } = await sendStorm(webhooks, world, OPTIONS);
    expect(fates.map(isSettled)).toEqual([false, false, true, true]);
    expect(fates.some(({ trouble }) => trouble === "the gateway shows no receipts: 401")).toBe(true);
    expect(looked.length).toBeLessThanOrEqual(2);
    expect(world.now()).toBeLessThan(1_000);
  });

  it("does not go on where the alerts are refused", async () => {
    const { world, delivered } = worldOf({
      answer: () => {
        throw new Refused("401");
      },
    });
    await expect(sendStorm(webhooks, world, OPTIONS)).rejects.toThrow(Refused);
    expect(delivered).toHaveLength(1);
  });
});

describe("the report of a drill", () => {
  const fate = (over: Partial<Fate>): Fate => ({ outcome: "appended", request: null, without: null, trouble: null, ...over });
  const plain = (text: string) => text.split("\n").map((line) => line.replace(/ {2,}/g, " ").trim());

  it("counts alerts by outcome and by what became of them, and requests once", () => {
    const fates = [
      ...Array.from({ length: 14 }, () => fate({ request: "shop/rr-storm-0a" })),
      fate({ outcome: "buffered", request: "shop/rr-0b-1" }),
      fate({ outcome: "ignored", without: "ignored" }),
      fate({ outcome: null, trouble: "503 busy" }),
      fate({ outcome: "buffered" }),
    ];
    expect(plain(reportOf({ fates, webhooks: 2, sentMs: 61_000, firstRequestMs: 1_234 }))).toEqual([
      "alerts sent 18 in 2 webhooks, in 61.0 s",
      "appended 14",
      "buffered 2",
      "ignored 1",
      "not answered 1",
      "requests 2 (of storms: 1, of single alerts: 1)",
      "in a storm's 14 alerts",
      "in its own 1 alerts",
      "ignored 1 alerts, without a request",
      "cost reduction 86 % fewer requests than alerts",
      "first request after 1.2 s",
      "unaccounted 2",
      "1: 503 busy",
      "1: buffered, and no request within the wait",
    ]);
  });

  it("claims no saving where there is no request", () => {
    const report = reportOf({ fates: [fate({ outcome: null })], webhooks: 1, sentMs: 0, firstRequestMs: null });
    expect(report).toMatch(/cost reduction +-\nfirst request +none\nunaccounted +1\n +1: not answered$/);
  });
});
