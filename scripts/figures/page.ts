import { execFileSync } from "node:child_process";
import { arch, cpus, platform, totalmem } from "node:os";
import { type Figure, lineOf } from "./figure.ts";

const versionOf = (command: string, ...args: string[]): string => {
  const printed = execFileSync(command, args, { encoding: "utf8" });
  return /\d+\.\d+\.\d+/.exec(printed)?.[0] ?? "unknown";
};

export const PAGE = "docs/figures.md";

export interface Run {
  readonly suite: string;
  /** What stood behind `figures --`. */
  readonly command: string;
  readonly figures: readonly Figure[];
  readonly at: Date;
}

/** The page with the run in the section of its command, which is the last one where there was none. A whole suite takes the place of its parts. */
export function withRun(page: string, run: Run): string {
  const [head = "", ...all] = page.trimEnd().split(/\n+(?=## )/);
  const isOwn = (section: string) => section.startsWith(`## ${run.command}\n`);
  const sections = run.command === run.suite ? all.filter((section) => !section.startsWith(`## ${run.suite} `)) : all;
  const section = sectionOf(run);
  const others = sections.some(isOwn) ? sections.map((other) => (isOwn(other) ? section : other)) : [...sections, section];
  return `${[head, ...others].join("\n\n")}\n`;
}

function sectionOf({ suite, command, figures, at }: Run): string {
  const programs = [
    `Node ${process.versions.node}`,
    `Bun ${versionOf("bun", "--version")}`,
    `redis-server ${versionOf("redis-server", "--version")}`,
  ];
  return `## ${command}

The last run of \`npm run -s figures -- ${command} --write\`, ${at.toISOString().slice(0, 10)}, on ${cpus().length} cores (${cpus()[0]?.model.trim() ?? "unknown"}),
${Math.round(totalmem() / 2 ** 30)} GiB of memory, ${platform()} ${arch()}, ${programs.join(", ")}. What each line says stands beside its
measurement in \`scripts/figures/${suite}\`.

\`\`\`
${figures.map(lineOf).join("\n")}
\`\`\``;
}
