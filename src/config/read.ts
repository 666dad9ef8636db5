import * as v from "valibot";
import { unknownNames } from "./own-variables.ts";
import type { Setting } from "./setting.ts";
import { SETTINGS, type SettingName, type Settings } from "./settings.ts";
import { isField } from "./shapes.ts";

/** Environment variables, or a Worker's bindings; what is no text is not a setting. */
export type Environment = Readonly<Record<string, unknown>>;

/** What a start has found out so far. Neither list ever holds a value: whatever was set may be a secret in the wrong place. */
export interface Findings {
  readonly problems: string[];
  readonly warnings: string[];
}

/** Every setting of the table, each with its default where it is not set; an empty value counts as not set. Problems go to `findings`. */
export function readSettings(env: Environment, findings: Findings): Settings {
  findings.problems.push(...unknownNames(Object.keys(env).filter((name) => textOf(env, name) !== null)));
  const read = (name: SettingName) => readSetting(name, SETTINGS[name], textOf(env, name), findings);
  return Object.fromEntries(Object.keys(SETTINGS).map((name) => [name, read(name as SettingName)])) as unknown as Settings;
}

/** The variable's text without the space around it, or null. */
export function textOf(env: Environment, name: string): string | null {
  const value = env[name];
  return (typeof value === "string" && value.trim()) || null;
}

/** What is wrong, each line beginning with the setting's name. A name within it that is the operator's is shown as *: it may be a secret in the wrong place. */
export function problemsOf(name: string, issues: readonly v.BaseIssue<unknown>[]): string[] {
  const shown = ({ key }: v.IssuePathItem) => (typeof key === "number" || isField(String(key)) ? String(key) : "*");
  return issues.map((issue) => [name, wrongPart(issue).map(shown).join("."), issue.message].filter(Boolean).join(" "));
}

/** Where a field is not known, what is wrong is the object that holds it. */
const wrongPart = ({ type, expected, path }: v.BaseIssue<unknown>): readonly v.IssuePathItem[] =>
  (type === "strict_object" && expected === "never" ? path?.slice(0, -1) : path) ?? [];

function readSetting(name: string, setting: Setting<unknown, unknown>, value: string | null, { problems }: Findings): unknown {
  if (value === null) return setting.default;
  const parsed = v.safeParse(setting.schema, value);
  if (parsed.success) return parsed.output;
  problems.push(...problemsOf(name, parsed.issues));
  return setting.default;
}
