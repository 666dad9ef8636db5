import type { Config } from "../../src/config/config.ts";
import { loadConfig } from "../../src/config/load.ts";
import { type Finding, findingsOf } from "./finding.ts";

const { ok, wrong } = findingsOf("settings");

/** Whether a process would start with this environment; its configuration, if so. No finding shows a value. */
export function examineSettings(env: Readonly<Record<string, string | undefined>>): {
  readonly findings: Finding[];
  readonly config: Config | null;
} {
  const loaded = loadConfig(env, "process");
  if (!loaded.ok) {
    const findings = loaded.problems.map((problem) =>
      wrong("setting", problem, "mend it where the process gets its environment; docs/settings.md"),
    );
    return { findings, config: null };
  }
  const { config, warnings } = loaded;
  const noted = warnings.map((warning) => wrong("setting-ignored", warning, "docs/settings.md"));
  return { findings: [ok("settings", `a process of the role ${config.role} starts with these settings`), ...noted], config };
}
