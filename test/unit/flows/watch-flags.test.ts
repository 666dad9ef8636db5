import { describe, expect, it } from "vitest";
import { watchingFlags } from "../../../src/flows/watch-flags.ts";
import type { FlagSight, Ledger, Override } from "../../../src/ports/ledger.ts";

const sight: FlagSight = { feature: "storm-buffering", percent: 50, setting: 50, lowestSetting: 50, override: null, lost: null };

/** A process that leases again and again, and sees each time what comes next. */
async function watch(...sights: Partial<FlagSight>[]) {
  const lines: string[] = [];
  const asked: (readonly (Override | null)[] | undefined)[] = [];
  const left = sights[Symbol.iterator]();
  const ledger = {
    lease: async (_: number, overrides?: readonly (Override | null)[]) => {
      asked.push(overrides);
      return { intents: [], counts: [], sweepDue: false, nextInMs: null, flags: [{ ...sight, ...left.next().value }] };
    },
  } as unknown as Ledger;
  const line = (level: string) => (event: string, fields: object) => void lines.push(`${level} ${event} ${JSON.stringify(fields)}`);
  const log = { debug: line("debug"), info: line("info"), warn: line("warn"), error: line("error") } as never;
  const watching = watchingFlags(ledger, "eu", { last: [] }, log);
  for (const _ of sights) await watching.lease(1);
  return { lines, asked };
}

describe("a process that leases", () => {
  it("brings along which override it saw last", async () => {
    const override = { percent: 10, atMs: 5 };
    const { asked } = await watch({}, { override }, {}, {});
    expect(asked).toEqual([[], [null], [override], [null]]);
  });

  it("logs once that gateways have different settings, and again where the lowest changes", async () => {
    const { lines } = await watch(
      { lowestSetting: 25, percent: 25 },
      { lowestSetting: 25, percent: 25 },
      {},
      { lowestSetting: 10, percent: 10 },
    );
    expect(lines).toEqual([
      'warn flag-settings-differ {"cluster":"eu","feature":"storm-buffering","percent":25,"settingPercent":50,"lowestSettingPercent":25}',
      'warn flag-settings-differ {"cluster":"eu","feature":"storm-buffering","percent":10,"settingPercent":50,"lowestSettingPercent":10}',
    ]);
  });

  it("logs once that an override was lost, and whatever is set after it", async () => {
    const lost = { percent: 0, atMs: 5, noticedAtMs: 6 };
    const { lines } = await watch(
      { override: { percent: 0, atMs: 5 }, percent: 0 },
      { lost },
      { lost: { ...lost, noticedAtMs: 7 } },
      { override: { percent: 20, atMs: 8 }, percent: 20 },
    );
    expect(lines).toEqual([
      'info flag-overridden {"cluster":"eu","feature":"storm-buffering","percent":0,"overridePercent":0}',
      'warn flag-override-lost {"cluster":"eu","feature":"storm-buffering","percent":50,"overridePercent":0}',
      'info flag-overridden {"cluster":"eu","feature":"storm-buffering","percent":20,"overridePercent":20}',
    ]);
  });
});
