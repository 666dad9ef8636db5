import { describe, expect, it } from "vitest";
import { reportOf } from "../../../scripts/storm/report.ts";
import { type Answered, sendStorm, type World } from "../../../scripts/storm/send.ts";
import { type Webhook, webhooksOf } from "../../../scripts/storm/webhooks.ts";

const BEGAN_MS = Date.UTC(2026, 0, 15);
const nobody = () => {};

/** A gateway that answers each delivery by `answer`; every delivery takes 10 ms of its time. */
function worldOf(answer: (webhook: Webhook, nowMs: number) => readonly Answered[] | null) {
  let nowMs = 0;
  const delivered: string[] = [];
  const world: World = {
    async deliver(webhook) {
      nowMs += 10;
      delivered.push(webhook.groupKey);
      return answer(webhook, nowMs);
    },
    now: () => nowMs,
    async pause(ms) {
      nowMs += ms;
    },
  };
  return { world, delivered };
}
const each = (webhook: Webhook, answered: Answered) => webhook.alerts.map(() => answered);

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
    const { world, delivered } = worldOf((webhook, nowMs) =>
      nowMs > 2_000 ? each(webhook, { outcome: "created", request: "shop/a" }) : null,
    );
    const drill = await sendStorm(webhooks, world, nobody);
    expect(drill.answers).toEqual(Array.from({ length: 4 }, () => ({ outcome: "created", request: "shop/a" })));
    expect(drill.firstRequestMs).toBeGreaterThan(2_000);
    expect(delivered).toHaveLength(6);
  });

  it("asks after what waits, and leaves what is settled alone", async () => {
    const [former, latter] = webhooks.map(({ groupKey }) => groupKey);
    const { world, delivered } = worldOf((webhook, nowMs) => {
      if (webhook.groupKey === former) return each(webhook, { outcome: "ignored", request: null });
      return each(webhook, nowMs > 3_000 ? { outcome: "created", request: "shop/b" } : { outcome: "accepted", request: null });
    });
    const drill = await sendStorm(webhooks, world, nobody);
    expect(drill.answers.map((answer) => answer?.outcome)).toEqual(["ignored", "ignored", "created", "created"]);
    expect(delivered.filter((key) => key === former)).toHaveLength(1);
    expect(delivered.filter((key) => key === latter).length).toBeGreaterThan(1);
  });

  it("ends with what it knows where alerts stay unanswered, before a gateway would take them for new ones", async () => {
    const { world } = worldOf(() => null);
    const drill = await sendStorm(webhooks, world, nobody);
    expect(drill.answers).toEqual([null, null, null, null]);
    expect(drill.tookMs).toBeLessThan(120_000);
  });
});

describe("the report of a drill", () => {
  it("counts alerts by outcome, and requests once", () => {
    const appended = { outcome: "created", request: "shop/storm" };
    const answers = [...Array.from({ length: 14 }, () => appended), { outcome: "ignored", request: null }, null];
    const report = reportOf({ answers, firstRequestMs: 1_234, tookMs: 61_000 }).split("\n");
    expect(report.map((line) => line.replace(/ {2,}/g, " ").trim())).toEqual([
      "alerts sent 16 in 61.0 s",
      "created 14",
      "ignored 1",
      "not answered 1",
      "requests 1",
      "cost reduction 93 % fewer requests than alerts",
      "first request after 1.2 s",
    ]);
  });

  it("claims no saving where there is no request", () => {
    expect(reportOf({ answers: [null], firstRequestMs: null, tookMs: 0 })).toMatch(/cost reduction +-\nfirst request +none$/);
  });
});
