/** One case of the black-box suite on one runtime. */
export interface CaseResult {
  readonly runtime: string;
  readonly group: string;
  readonly passed: boolean;
}

/** How many cases each group of the suite has, in the suite's order. */
export type Groups = ReadonlyMap<string, number>;

/** The runtimes of the table, with the version of each. */
export type Versions = Readonly<Record<string, string>>;

const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;

const head = (versions: Versions): string => row(["Cases", ...Object.entries(versions).map(([name, version]) => `${name} ${version}`)]);

/** The suite's groups and how many cases of each passed on each runtime, as Markdown. */
export function runtimesTable(results: readonly CaseResult[], versions: Versions): string {
  const names = Object.keys(versions);
  const cell = (runtime: string, group?: string) => {
    const cases = results.filter((result) => result.runtime === runtime && (group === undefined || result.group === group));
    return `${cases.filter(({ passed }) => passed).length} of ${cases.length}`;
  };
  const groups = [...new Set(results.map(({ group }) => group))];
  return [
    head(versions),
    row(["---", ...names.map(() => "---:")]),
    ...groups.map((group) => row([group, ...names.map((name) => cell(name, group))])),
    row(["all", ...names.map((name) => cell(name))]),
  ].join("\n");
}

/** What a page's table says otherwise than a run of the suite as it is now, on these versions, would if everything passed. */
export function tableProblems(page: string, groups: Groups, versions: Versions): string[] {
  const lines = page.split("\n");
  const cases = [...groups, ["all", [...groups.values()].reduce((sum, count) => sum + count, 0)] as const];
  const expected = [
    head(versions),
    ...cases.map(([name, count]) => row([name, ...Object.keys(versions).map(() => `${count} of ${count}`)])),
  ];
  return expected.filter((line) => !lines.includes(line)).map((line) => `there is no row ${line}`);
}
