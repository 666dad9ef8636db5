import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ruleGroups, rulesFile } from "../../../scripts/monitoring/rules.ts";
import { inputSeries, type Story } from "./timeline.ts";

type Labels = Readonly<Record<string, string>>;

/** Which alerts fire at a minute: of one rule, of a severity, or all; each with its labels. */
export interface Look {
  readonly minute: number;
  readonly of: Labels;
  readonly fire: readonly Labels[];
}

export interface RuleTest {
  readonly name: string;
  readonly series: Readonly<Record<string, Story>>;
  readonly looks: readonly Look[];
}

const spelled = (labels: Labels) =>
  `{${Object.entries(labels)
    .map(([name, value]) => `${name}="${value}"`)
    .join(",")}}`;

const asPromtool = ({ name, series, looks }: RuleTest) => ({
  name,
  interval: "1m",
  input_series: inputSeries(series),
  promql_expr_test: looks.map(({ minute, of, fire }) => ({
    expr: `ALERTS${spelled({ alertstate: "firing", ...of })}`,
    eval_time: `${minute}m`,
    exp_samples: fire.map((labels) => ({ labels: `ALERTS${spelled({ alertstate: "firing", ...labels })}`, value: 1 })),
  })),
});

/** Runs `promtool test rules` on the rules of some groups, all unless named; throws with what promtool says. A step is how often rules are judged. */
export function promtoolTest(
  tests: readonly RuleTest[],
  { groups, step = "1m" }: { groups?: readonly string[]; step?: string } = {},
): void {
  const dir = mkdtempSync(join(tmpdir(), "breakwater-promtool-"));
  try {
    const judged = ruleGroups().filter(({ name }) => !groups || groups.includes(name));
    writeFileSync(join(dir, "rules.yaml"), JSON.stringify(rulesFile(judged)));
    const file = { rule_files: ["rules.yaml"], evaluation_interval: step, tests: tests.map(asPromtool) };
    writeFileSync(join(dir, "tests.yaml"), JSON.stringify(file));
    execFileSync("promtool", ["test", "rules", join(dir, "tests.yaml")], { encoding: "utf8", stdio: "pipe" });
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    throw new Error(`${(error as Error).message}\n${stdout}${stderr}`);
  } finally {
    rmSync(dir, { recursive: true });
  }
}
