import type { LedgerRules } from "../../src/ports/ledger.ts";
import type { Weather } from "./network.ts";
import { Draws } from "./random.ts";

export interface PlannedAlert {
  readonly word: string;
  readonly instance: string;
  readonly status: "firing" | "resolved";
  readonly startsAtMs: number;
}

/** What happens from outside, in ms from the start. `word` names the latest request that an alert is in. */
export type Command = { readonly atMs: number } & (
  | {
      readonly kind: "post";
      /** POSTs of the same name and alerts are one delivery; null: one of its own. */
      readonly delivery: string | null;
      readonly alerts: readonly PlannedAlert[];
      readonly gateway: number;
      /** After how many unanswered tries its sender gives up. */
      readonly triesMax: number;
    }
  | { readonly kind: "phase"; readonly word: string; readonly phase: string; readonly told: boolean }
  | { readonly kind: "erase" | "remove-ended" | "remove-live" | "mark-deleted"; readonly word: string }
  | { readonly kind: "crash"; readonly process: string; readonly downMs: number }
  /** Stopped in its tracks for so long; `timersFirst`: it then meets its own timers before what came from others. */
  | { readonly kind: "sleep"; readonly process: string; readonly forMs: number; readonly timersFirst: boolean }
  | { readonly kind: "cut-off"; readonly place: string; readonly forMs: number }
  | { readonly kind: "jump"; readonly process: string; readonly byMs: number }
  | { readonly kind: "watch"; readonly proxy: string; readonly how: "breaks" | "hangs" }
  | { readonly kind: "namespace"; readonly state: "present" | "missing" | "terminating" }
  | { readonly kind: "cron"; readonly diesAfterMs: number | null }
  /** Storms for nobody, or for all again. */
  | { readonly kind: "flip"; readonly isOn: boolean }
  | { readonly kind: "forget-history" | "lose-data" }
);

/** A world, what happens to it, and how calls fare there. */
export interface Plan {
  readonly seed: number;
  readonly storms: boolean;
  readonly gateways: number;
  readonly proxies: number;
  readonly watched: boolean;
  readonly intentsMax: number;
  readonly windowAlertsMax: number;
  readonly weather: Weather;
  readonly commands: readonly Command[];
  /** The only calls that may fare ill; null: any. */
  readonly mayFareIll: ReadonlySet<string> | null;
  /** Absent: those of every run. */
  readonly rules?: Partial<LedgerRules>;
}

type Kind = Command["kind"];

const PLACES = ["ledger", "kube", "p1", "p2"];

/** How often a kind comes up where its run has it at all. */
const FAULTS: readonly (readonly [Kind, number])[] = [
  ["crash", 2],
  ["sleep", 2],
  ["cut-off", 2],
  ["jump", 1],
  ["watch", 2],
  ["cron", 2],
  ["forget-history", 1],
];
const LIFE: readonly (readonly [Kind, number])[] = [
  ["phase", 6],
  ["remove-ended", 3],
  ["erase", 2],
  ["remove-live", 1],
  ["mark-deleted", 1],
];
const CHURN: typeof FAULTS = [
  ["post", 12],
  ["phase", 10],
  ["remove-ended", 10],
  ["lose-data", 5],
  ["cron", 2],
];
const HASTE: typeof FAULTS = [
  ["post", 12],
  ["phase", 8],
];
const GAPS: typeof FAULTS = [
  ["post", 8],
  ["remove-live", 6],
  ["phase", 2],
  ["remove-ended", 1],
  ["crash", 4],
  ["watch", 4],
  ["forget-history", 2],
];
const FLIPS: typeof FAULTS = [
  ["post", 14],
  ["flip", 5],
  ["phase", 3],
  ["cron", 2],
];
const SLEEPS: typeof FAULTS = [
  ["post", 10],
  ["sleep", 5],
  ["phase", 4],
  ["remove-ended", 2],
];

/**
 * `churn`: requests come and go under those who make them; `gaps`: requests end and go while nobody watches; `haste`: requests end before all is
 * told that they are there; `sleeps`: processes stop in their tracks, and go on with what they believed; `flips`: storms are turned off and on while they go on.
 */
export type Theme = "any" | "churn" | "gaps" | "haste" | "sleeps" | "flips";

const HORIZONS_MS: Readonly<Record<Theme, readonly number[]>> = {
  any: [3_000, 30_000, 120_000, 200_000],
  churn: [2_000, 4_000, 10_000],
  gaps: [300_000],
  haste: [2_000, 20_000],
  sleeps: [5_000, 60_000, 200_000],
  flips: [20_000, 60_000, 200_000],
};

function kindsOf(theme: Theme, draws: Draws): readonly (readonly [Kind, number])[] {
  if (theme === "churn") return [...CHURN, ...FAULTS.filter(() => draws.chance(0.15))];
  if (theme === "gaps") return GAPS;
  if (theme === "haste") return HASTE;
  if (theme === "flips") return [...FLIPS, ...FAULTS.filter(() => draws.chance(0.2))];
  if (theme === "sleeps")
    return [...SLEEPS, ...FAULTS.filter(() => draws.chance(0.2)), ...(draws.chance(0.2) ? ([["lose-data", 1]] as const) : [])];
  return [
    ["post", draws.from([10, 25])] as const,
    ...(draws.chance(0.75) ? LIFE.filter(([kind]) => kind === "phase" || draws.chance(0.5)) : []),
    ...(draws.chance(0.75) ? FAULTS.filter(() => draws.chance(0.5)) : []),
    ...(draws.chance(0.2) ? ([["lose-data", 1]] as const) : []),
    ...(draws.chance(0.1) ? ([["namespace", 2]] as const) : []),
  ];
}

/** The plan of a seed. Each run has its own selection of kinds and pace: all of everything at once would hide what takes quiet to show. */
export function planOf(seed: number, only?: Theme): Plan {
  const draws = new Draws(seed, "plan");
  const theme = draws.from(only ? [only] : (["any", "any", "any", "churn", "gaps", "haste", "sleeps"] as const));
  const storms = theme === "flips" || (theme !== "churn" && draws.chance(0.5));
  const gateways = 2 + draws.below(2);
  const proxies = theme !== "gaps" && draws.chance(theme === "sleeps" ? 0.3 : 0.75) ? 2 : 1;
  const kinds = kindsOf(theme, draws);
  const words = draws.from(theme === "churn" ? ["x"] : storms ? ["wxyz", "vwxyz", "xyz"] : ["x", "xy"]).split("");
  const horizonMs = draws.from(HORIZONS_MS[theme]);
  const slow = draws.from(theme === "churn" ? [0.5] : theme === "haste" ? [0.3] : [0, 0.05, 0.3]);
  const weather = { lost: draws.from([0, 0.03, 0.15]), slow, lagMs: draws.from([20, 2_000, 10_000]) };
  const giveUp = draws.chance(0.2);
  const touches = theme === "any" && draws.chance(0.4);
  const names = Array.from({ length: gateways }, (_, at) => `g${at + 1}`).concat(Array.from({ length: proxies }, (_, at) => `p${at + 1}`));
  const length = 4 + draws.below(theme === "gaps" ? 16 : 36);
  const choose = (): Kind => {
    let left = draws.next() * kinds.reduce((sum, [, weight]) => sum + weight, 0);
    const chosen = kinds.find(([, weight]) => {
      left -= weight;
      return left < 0;
    });
    return chosen?.[0] ?? "post";
  };
  const alert = (): PlannedAlert => ({
    word: draws.from(words),
    instance: draws.chance(0.7) ? "a" : "b",
    status: draws.chance(0.8) ? "firing" : "resolved",
    startsAtMs: draws.from([1_000, 1_000, 2_000]),
  });
  const make = (): Command => {
    const atMs = Math.floor(draws.next() * horizonMs);
    const word = draws.from(words);
    const kind = choose();
    switch (kind) {
      case "post": {
        const alerts = Array.from({ length: 1 + draws.below(draws.from([1, 3])) }, alert);
        const delivery = draws.chance(0.3) ? draws.from(["1", "2"]) : null;
        return { atMs, kind, delivery, alerts, gateway: draws.below(gateways), triesMax: giveUp ? 1 + draws.below(3) : 1_000 };
      }
      case "phase": {
        const phase = touches && draws.chance(0.4) ? "Processing" : draws.from(["Completed", "Failed"]);
        return { atMs, kind, word, phase, told: draws.chance(theme === "sleeps" ? 0.3 : 0.7) };
      }
      case "crash":
        if (theme === "gaps") return { atMs, kind, process: "p1", downMs: 60_000 };
        return { atMs, kind, process: draws.from(names), downMs: draws.from([10, 3_000, 60_000]) };
      case "sleep":
        return {
          ...{ atMs, kind, process: draws.from(theme === "sleeps" ? [...names, "p1", "p1"] : names) },
          ...{ forMs: draws.from([700, 5_000, 45_000, 150_000]), timersFirst: draws.chance(0.5) },
        };
      case "cut-off":
        return { atMs, kind, place: draws.from(PLACES), forMs: draws.from([500, 5_000, 60_000]) };
      case "jump":
        return { atMs, kind, process: draws.from(names), byMs: draws.from([-3_600_000, -5_000, 5_000, 3_600_000]) };
      case "watch":
        return { atMs, kind, proxy: `p${1 + draws.below(proxies)}`, how: draws.from(["breaks", "hangs"]) };
      case "namespace":
        return { atMs, kind, state: draws.from(["present", "missing", "terminating"]) };
      case "cron":
        return { atMs, kind, diesAfterMs: draws.chance(0.5) ? draws.below(40) : null };
      case "flip":
        return { atMs, kind, isOn: draws.chance(0.5) };
      case "forget-history":
      case "lose-data":
        return { atMs, kind };
      default:
        return { atMs, kind, word };
    }
  };
  const commands = Array.from({ length }, make).sort((left, right) => left.atMs - right.atMs);
  return {
    ...{ seed, storms, gateways, proxies, weather, commands, mayFareIll: null },
    watched: draws.chance({ any: 0.85, churn: 0.25, gaps: 1, haste: 0.6, sleeps: 0.7, flips: 0.7 }[theme]),
    intentsMax: draws.from([100, 100, 10]),
    windowAlertsMax: draws.from([20, 20, 4]),
  };
}
