import * as z from "zod/mini";
import type { StormPolicy, StormRule } from "../domain/storm-rules.ts";
import type { WindowRules } from "../domain/window-rules.ts";
import { type Environment, type Findings, problemsOf, textOf } from "./read.ts";
import { type Settings, STORM_RULE_PREFIX } from "./settings.ts";
import { stormRule } from "./shapes.ts";

const NAME = /^[A-Za-z0-9_]{1,40}$/;

const SECOND = 1_000;

interface Ranked extends StormRule {
  readonly priority: number;
}

/**
 * How storms are folded: the settings of the table, and a rule for each variable STORM_RULE_<NAME>, whose name in lower case is its own; the
 * highest priority comes first, equal ones in the order of their names. On the emulated API windows are short: whoever tries it out is watching.
 */
export function readStormPolicy(env: Environment, settings: Settings, emulated: boolean, findings: Findings): StormPolicy {
  const { STORM_THRESHOLD: threshold, STORM_FIRST_REQUEST_SECONDS, STORM_JOIN_SECONDS, STORM_MAX_WINDOW_SECONDS } = settings;
  const firstRequestMs = (STORM_FIRST_REQUEST_SECONDS ?? (emulated ? 3 : 45)) * SECOND;
  const joinMs = (STORM_JOIN_SECONDS ?? (emulated ? 60 : 600)) * SECOND;
  const defaults = { threshold, firstRequestMs, joinMs };
  const longestMs = STORM_MAX_WINDOW_SECONDS * SECOND;
  findings.problems.push(...outlasting("STORM_FIRST_REQUEST_SECONDS", defaults, longestMs));
  const variables = Object.keys(env).filter((name) => name.startsWith(STORM_RULE_PREFIX));
  const rules = variables.flatMap((variable) => readRule(variable, textOf(env, variable), defaults, longestMs, findings));
  findings.problems.push(...sharedNames(rules));
  return { enabled: settings.ENABLE_STORM_BUFFERING, defaults, rules: rules.toSorted(byRank).map(({ priority: _, ...rule }) => rule) };
}

function readRule(
  variable: string,
  value: string | null,
  defaults: WindowRules,
  longestMs: number,
  { problems }: Findings,
): readonly Ranked[] {
  if (value === null) return [];
  const name = variable.slice(STORM_RULE_PREFIX.length);
  const isNamed = NAME.test(name);
  if (!isNamed) problems.push(`${variable}: a rule's name is 1 to 40 letters, digits and _`);
  const parsed = z.safeParse(stormRule, value);
  if (!parsed.success) problems.push(...problemsOf(variable, parsed.error.issues));
  if (!isNamed || !parsed.success) return [];
  const { priority, match, bypass, threshold, firstRequestSeconds, joinSeconds } = parsed.data;
  const windowRules = {
    threshold: threshold ?? defaults.threshold,
    firstRequestMs: firstRequestSeconds === undefined ? defaults.firstRequestMs : firstRequestSeconds * SECOND,
    joinMs: joinSeconds === undefined ? defaults.joinMs : joinSeconds * SECOND,
  };
  if (firstRequestSeconds !== undefined) problems.push(...outlasting(`${variable} firstRequestSeconds`, windowRules, longestMs));
  const { namespace = null, alertname = null, severity = null } = match;
  return [{ name: name.toLowerCase(), priority, match: { namespace, alertname, severity }, windowRules: bypass ? null : windowRules }];
}

/** A storm of alerts that waited for longer than a window lives would be over before it began. */
const outlasting = (what: string, { firstRequestMs }: WindowRules, longestMs: number): string[] =>
  firstRequestMs <= longestMs
    ? []
    : [`${what} must be at most STORM_MAX_WINDOW_SECONDS: ${firstRequestMs / SECOND} s are more than ${longestMs / SECOND} s`];

const byRank = (a: Ranked, b: Ranked): number => b.priority - a.priority || Number(a.name > b.name) - Number(a.name < b.name);

function sharedNames(rules: readonly StormRule[]): string[] {
  const named = Map.groupBy(rules, ({ name }) => name);
  return [...named]
    .filter(([, same]) => same.length > 1)
    .map(([name]) => `${STORM_RULE_PREFIX}${name.toUpperCase()} is there more than once, in other letters`);
}
