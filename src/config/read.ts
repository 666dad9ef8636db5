import * as z from "zod/mini";
import type { Setting } from "./setting.ts";
import { OWN_PREFIXES, SETTINGS, type SettingName, type Settings, STORM_RULE_PREFIX, TARGET_RULE_PREFIX } from "./settings.ts";

/** Environment variables, or a Worker's bindings; what is no text is not a setting. */
export type Environment = Readonly<Record<string, unknown>>;

/** What a start has found out so far. Neither list ever holds a secret. */
export interface Findings {
  readonly problems: string[];
  readonly warnings: string[];
}

/** Names under these are the operator's. */
const RULE_PREFIXES = [STORM_RULE_PREFIX, TARGET_RULE_PREFIX];

/** Every setting of the table, each with its default where it is not set; an empty value counts as not set. Problems go to `findings`. */
export function readSettings(env: Environment, findings: Findings): Settings {
  const unknown = Object.keys(env).filter(
    (name) =>
      OWN_PREFIXES.some((prefix) => name.startsWith(prefix)) &&
      !Object.hasOwn(SETTINGS, name) &&
      !RULE_PREFIXES.some((prefix) => name.startsWith(prefix)),
  );
  findings.problems.push(...unknown.filter((name) => textOf(env, name) !== null).map((name) => `${name} is no setting`));
  const read = (name: SettingName) => readSetting(name, SETTINGS[name], textOf(env, name), findings);
  return Object.fromEntries(Object.keys(SETTINGS).map((name) => [name, read(name as SettingName)])) as unknown as Settings;
}

/** The variable's text without the space around it, or null. */
export function textOf(env: Environment, name: string): string | null {
  const value = env[name];
  return (typeof value === "string" && value.trim()) || null;
}

/** What is wrong, each line beginning with the setting's name. */
export function problemsOf(name: string, issues: readonly z.core.$ZodIssue[]): string[] {
  return issues.map(({ path, message }) => [name, ...(path.length > 0 ? [path.join(".")] : []), message].join(" "));
}

function readSetting(name: string, setting: Setting<unknown, unknown>, value: string | null, { problems }: Findings): unknown {
  if (value === null) return setting.default;
  const parsed = z.safeParse(setting.schema, value);
  if (parsed.success) return parsed.data;
  // An address may hold a password before an @.
  const hidden = setting.secret || value.includes("@") || value.length > SHOWN_MAX;
  const shown = hidden ? "" : `, not ${JSON.stringify(value)}`;
  problems.push(...problemsOf(name, parsed.error.issues).map((problem) => problem + shown));
  return setting.default;
}

/** A longer value would hide the problem that it is shown for. */
const SHOWN_MAX = 60;
