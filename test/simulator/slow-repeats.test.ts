import { describe, expect, it } from "vitest";
import type { Shares } from "../../src/domain/feature.ts";
import { BY_TIME, RULES } from "../support/ledger-builders.ts";
import type { Command, Plan } from "./plan.ts";
import { install, START_MS } from "./virtual-time.ts";
import { World } from "./world.ts";

const HOUR_MS = 3_600_000;
const DAYS = 7;

const LIST_EVERY_MS = 600_000;

/** From Alertmanager's group interval to its usual repeat interval. */
const GAPS_MS = [300_000, HOUR_MS, 4 * HOUR_MS];

/** One alert, sent again at a sender's pace. */
function repeats(forMs: number): Command[] {
  const commands: Command[] = [];
  for (let atMs = 1_000; atMs < forMs; atMs += GAPS_MS[commands.length % GAPS_MS.length] as number) {
    const alert = { word: "x", instance: "a", status: "firing", startsAtMs: 1_000 } as const;
    commands.push({ atMs, kind: "post", delivery: null, alerts: [alert], gateway: 0, triesMax: 1_000 });
  }
  return commands;
}

/** How often Kubernetes was asked for what, and how the repeats were answered. */
async function live(shares: Shares) {
  const commands = repeats(DAYS * 24 * HOUR_MS);
  const plan: Plan = {
    ...{ seed: 1, storms: false, gateways: 1, proxies: 1, watched: true, intentsMax: 100, windowAlertsMax: 20, commands },
    ...{ weather: { lost: 0, slow: 0, lagMs: 0 }, mayFareIll: new Set<string>(), rules: { ...RULES, shares } },
  };
  const world = new World(plan, null, null);
  const uninstall = install(world.time);
  try {
    world.start();
    for (const command of commands) {
      await world.time.pass(START_MS + command.atMs - world.time.nowMs);
      world.do(command);
    }
    await world.time.pass(30_000);
  } finally {
    uninstall();
  }
  const count = (what: string) => world.network.asked.get(`p1 kube ${what}`) ?? 0;
  const all = [...world.network.asked].filter(([name]) => name.startsWith("p1 kube ")).reduce((sum, [, calls]) => sum + calls, 0);
  const watch = count("list all") + count("watch") + count("version");
  const { state_cache_hits: hits } = await world.ledger.counters();
  const repeated = commands.length - 1;
  return { repeated, hits, lists: count("list all"), beside: all - watch, created: count("create"), written: count("patchStatus") };
}

describe("a week of repeats, 5 min to 4 h apart, with a live watch", () => {
  it("asks Kubernetes for nothing but the watch's list each ten minutes, where without states every repeat asks", {
    timeout: 300_000,
  }, async () => {
    const on = await live(RULES.shares);
    const off = await live(BY_TIME);
    expect(on.repeated).toBeGreaterThan(90);
    expect(on).toMatchObject({ hits: on.repeated, created: 1, written: on.repeated });
    // What it asks for is its own writes.
    expect(on.beside).toBe(on.created + on.written);
    expect(on.lists).toBeLessThanOrEqual((DAYS * 24 * HOUR_MS) / LIST_EVERY_MS);
    expect(on.beside).toBeLessThan(1.1 * off.beside);
    expect(off.beside).toBeGreaterThan(1.5 * on.beside);
  });
});
