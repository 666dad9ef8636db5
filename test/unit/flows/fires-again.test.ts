import { describe, expect, it } from "vitest";
import type { WindowRules } from "../../../src/domain/window-rules.ts";
import { drainLedger } from "../../../src/flows/drain-ledger.ts";
import { ingestAlerts } from "../../../src/flows/ingest-alerts.ts";
import { alertOf, openFlowBench } from "../../support/flow-bench.ts";
import { NOTHING_ASIDE } from "../../support/ledger-builders.ts";

const RULES: Readonly<Record<string, WindowRules | null>> = {
  "with storms": { threshold: 3, firstRequestMs: 45_000, joinMs: 600_000 },
  "without storms, or where a rule lets it pass": null,
};

/** What has become of the first firing when the alert fires again. */
const FORMER = ["live", "ended", "never made"] as const;

const GAPS_S = [20, 60, 110];

const cases = Object.keys(RULES).flatMap((rules) => FORMER.flatMap((former) => GAPS_S.map((gap) => [rules, former, gap] as const)));

/** A gateway, and its drain every second, on a clock that only `pass` turns. Alerts are always of the same start. */
function openClock(rules: WindowRules | null) {
  const bench = openFlowBench();
  const ports = { ...bench.ports, rulesFor: () => rules };
  const pass = async (seconds: number) => {
    for (let second = 0; second < seconds; second += 1) {
      bench.time.now += 1_000;
      await drainLedger(bench.drainPorts);
    }
  };
  const send = async (status: "firing" | "resolved", delivery = `${bench.time.now}`) => {
    const ingested = await ingestAlerts(ports, { source: "s", delivery, alerts: [alertOf("x", { status })], ...NOTHING_ASIDE });
    return ingested.kind === "decided" ? ingested.results[0]?.outcome : ingested.kind;
  };
  const end = () => {
    for (const { uid } of bench.writer.list()) bench.writer.setPhase(uid, "Completed", bench.time.now);
  };
  const live = () => bench.writer.list().filter(({ ended }) => !ended).length;
  /** Fires and is resolved; what was to become of its request has become of it. */
  const past = async (former: (typeof FORMER)[number]) => {
    await send("firing");
    await pass(former === "never made" ? 1 : 60);
    if (former === "ended") end();
    await send("resolved");
    if (former === "never made") end();
  };
  return { ...bench, pass, send, end, live, past };
}

describe("an alert that fires, is resolved and fires again with the same start", () => {
  it.each(cases)("has exactly one live request in the end: %s, the first %s, %d s apart", async (rules, former, gap) => {
    const { past, pass, send, live } = openClock(RULES[rules] as WindowRules | null);
    await past(former);
    await pass(gap);
    expect(await send("firing")).not.toBe("ignored");
    await pass(100);
    expect(live()).toBe(1);
  });

  it.each(cases)("makes no request where it is resolved again within 45 s: %s, the first %s, %d s apart", async (rules, former, gap) => {
    const { past, pass, send, writer } = openClock(RULES[rules] as WindowRules | null);
    await past(former);
    await pass(gap);
    const before = writer.list().length;
    await send("firing");
    await pass(44);
    expect(await send("resolved")).toBe(former === "live" ? "resolved" : "cancelled");
    await pass(100);
    expect(writer.list().length).toBe(before);
  });

  it.each(Object.keys(RULES))("makes no second request of a peer's copies, 15 s later: %s", async (rules) => {
    const { pass, send, end, writer } = openClock(RULES[rules] as WindowRules | null);
    await send("firing", "f");
    await pass(15);
    await send("firing", "f");
    await pass(45);
    expect(writer.list()).toHaveLength(1);
    end();
    await send("resolved", "r");
    await pass(5);
    await send("firing", "f");
    await pass(10);
    await send("resolved", "r");
    await pass(100);
    expect(writer.list()).toHaveLength(1);
  });
});
