import * as v from "valibot";
import { FEATURES, type Feature, type Shares } from "../../domain/feature.ts";
import { OUTCOMES } from "../../domain/outcome.ts";
import type { ArmCount, FlagBook, FlagSight, Ledger, Override } from "../../ports/ledger.ts";
import type { Args } from "./args.ts";
import { readFlagsScript, setFlagScript } from "./commands.ts";
import { parseRollback, parseRules, RuleName } from "./replies-rules.ts";
import type { ScriptClient } from "./script.ts";

interface Store {
  readonly client: ScriptClient;
  /** The keys that scripts begin with. */
  readonly shared: string[];
  readonly times: () => Args;
  readonly shares: Shares;
}

/** The settings, as scripts are told of them. */
export const shareArgs = (shares: Shares): Args => FEATURES.map((feature) => shares[feature]);

/** The overrides that were seen last, as scripts are told of them. */
export const rememberedArgs = (overrides: readonly (Override | null)[]): Args =>
  FEATURES.map((_, at) => {
    const seen = overrides[at];
    return seen ? `${seen.percent}|${seen.atMs}` : "";
  });

/** Flags, their overrides and what was counted by them. */
export function createFlagStore({ client, shared, times, shares }: Store): Pick<Ledger, "flags" | "setFlag"> {
  return {
    async flags() {
      const [sights, flat, counters, canary] = await readFlagsScript(client, shared, [...times(), ...shareArgs(shares)]);
      const [flags, counted] = [pairsOf(flat), pairsOf(counters)];
      const changes = [...flags].flatMap(([name, entry]) => (name.startsWith("change:") ? parseChange(entry) : []));
      return {
        features: parseSights(sights, shares).map((sight) => ({
          ...sight,
          rollback: parseRollback(flags.get(`${sight.feature}:rollback`)),
        })),
        arms: parseArms(counted),
        rules: parseRules(pairsOf(canary), counted),
        changes: changes.sort(latestFirst),
      };
    },
    async setFlag({ operation, feature, percent, by, reason, acknowledged }) {
      const change = [operation, FEATURES.indexOf(feature) + 1, percent ?? "", by, reason, acknowledged ?? ""];
      const refusal = await setFlagScript(client, shared, [...times(), ...shareArgs(shares), ...change]);
      if (refusal === "") return { kind: "set" };
      return v.is(RuleName, refusal) ? { kind: "unacknowledged", rule: refusal } : { kind: "above", lowestSetting: Number(refusal) };
    },
  };
}

/** From { share, lowest setting, override, what was lost of it } of each feature. */
export const parseSights = (sights: readonly (readonly string[])[], shares: Shares): FlagSight[] =>
  FEATURES.map((feature, at) => {
    const [percent, lowest, override = "", lost = ""] = sights[at] ?? [];
    const [, , noticed] = lost.split("|");
    const gone = parseOverride(lost);
    return {
      ...{ feature, percent: Number(percent), setting: shares[feature], lowestSetting: Number(lowest), override: parseOverride(override) },
      lost: gone && { ...gone, noticedAtMs: Number(noticed) },
    };
  });

/** From share|when; without a share it was taken back. */
function parseOverride(text: string): Override | null {
  const [percent, at] = text.split("|");
  return percent ? { percent: Number(percent), atMs: Number(at) } : null;
}

const Name = v.picklist(FEATURES);
const Arm = v.strictTuple([v.literal("arm"), Name, v.picklist(["on", "off"]), v.picklist(OUTCOMES)]);

/** Counters named arm:<feature>:<on or off>:<outcome>, in the order of their names. */
export const parseArms = (counters: ReadonlyMap<string, string>): ArmCount[] =>
  [...counters].sort(byName).flatMap(([name, count]) => {
    const parsed = v.safeParse(Arm, name.split(":"));
    if (!parsed.success) return [];
    const [, feature, arm, outcome] = parsed.output;
    return [{ feature, arm, outcome, count: Number(count) }];
  });

/** From when|feature|share|who|operation|why, which may hold any sign. */
function parseChange(entry: string): FlagBook["changes"] {
  const [at, feature, percent, by = "", , ...why] = entry.split("|");
  if (!v.is(Name, feature)) return [];
  return [{ atMs: Number(at), feature: feature satisfies Feature, percent: percent ? Number(percent) : null, by, reason: why.join("|") }];
}

const latestFirst = (left: { readonly atMs: number }, right: { readonly atMs: number }) => right.atMs - left.atMs;
const byName = ([left]: readonly [string, string], [right]: readonly [string, string]) => (left < right ? -1 : 1);

/** Of a hash's names and values in turn. */
export const pairsOf = (flat: readonly string[]): ReadonlyMap<string, string> =>
  new Map(flat.flatMap((name, at) => (at % 2 === 0 ? [[name, flat[at + 1] ?? ""] as const] : [])));
