import type * as v from "valibot";
import type { StormPolicy, StormRule } from "../domain/storm-rules.ts";
import type { WindowRules } from "../domain/window-rules.ts";
import { type NamedRule, readNamedRules } from "./named-rules.ts";
import type { Environment, Findings } from "./read.ts";
import { type Settings, STORM_RULE_PREFIX } from "./settings.ts";
import { stormRule } from "./shapes.ts";

const SECOND = 1_000;

/**
 * How storms are folded: the settings of the table, and a rule for each variable STORM_RULE_<NAME>. On the emulated API windows are short: whoever tries
 * it out is watching.
 */
export function readStormPolicy(env: Environment, settings: Settings, emulated: boolean, findings: Findings): StormPolicy {
  const { STORM_THRESHOLD: threshold, STORM_FIRST_REQUEST_SECONDS, STORM_JOIN_SECONDS, STORM_MAX_WINDOW_SECONDS } = settings;
  const firstRequestMs = (STORM_FIRST_REQUEST_SECONDS ?? (emulated ? 3 : 45)) * SECOND;
  const joinMs = (STORM_JOIN_SECONDS ?? (emulated ? 60 : 600)) * SECOND;
  const defaults = { threshold, firstRequestMs, joinMs };
  const longestMs = STORM_MAX_WINDOW_SECONDS * SECOND;
  findings.problems.push(...outlasting("STORM_FIRST_REQUEST_SECONDS", defaults, longestMs));
  const rules = readNamedRules(env, STORM_RULE_PREFIX, stormRule, findings).map((rule) => ruleOf(rule, defaults, longestMs, findings));
  return { enabled: settings.ENABLE_STORM_BUFFERING > 0, defaults, rules };
}

function ruleOf(
  { variable, name, data }: NamedRule<v.InferOutput<typeof stormRule>>,
  defaults: WindowRules,
  longestMs: number,
  { problems }: Findings,
): StormRule {
  const { match, bypass, threshold, firstRequestSeconds, joinSeconds } = data;
  const windowRules = {
    threshold: threshold ?? defaults.threshold,
    firstRequestMs: firstRequestSeconds === undefined ? defaults.firstRequestMs : firstRequestSeconds * SECOND,
    joinMs: joinSeconds === undefined ? defaults.joinMs : joinSeconds * SECOND,
  };
  if (firstRequestSeconds !== undefined) problems.push(...outlasting(`${variable} firstRequestSeconds`, windowRules, longestMs));
  const { namespace = null, alertname = null, severity = null } = match;
  return { name, match: { namespace, alertname, severity }, windowRules: bypass ? null : windowRules };
}

/** A storm of alerts that waited for longer than a window lives would be over before it began. */
const outlasting = (what: string, { firstRequestMs }: WindowRules, longestMs: number): string[] =>
  firstRequestMs <= longestMs
    ? []
    : [`${what} must be at most STORM_MAX_WINDOW_SECONDS: ${firstRequestMs / SECOND} s are more than ${longestMs / SECOND} s`];
