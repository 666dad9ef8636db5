import { execFileSync } from "node:child_process";
import { arch, cpus, platform, totalmem } from "node:os";
import { type Figure, lineOf } from "./figure.ts";

const versionOf = (command: string, ...args: string[]): string => {
  const printed = execFileSync(command, args, { encoding: "utf8" });
  return /\d+\.\d+\.\d+/.exec(printed)?.[0] ?? "unknown";
};

const TITLE = "# Figures\n";

/** docs/figures.md after a run: the suite's own section is new, or the last, and all others stay as they are. */
export function pageWith(page: string, suite: string, section: string): string {
  const [, ...sections] = page.split(/^(?=## )/m).map((text) => text.trimEnd());
  const at = sections.findIndex((text) => text.startsWith(`## ${suite}\n`));
  const own = `## ${suite}\n\n${section.trimEnd()}`;
  return `${[TITLE, ...(at < 0 ? [...sections, own] : sections.with(at, own))].join("\n\n").replace(/\n{3,}/g, "\n\n")}\n`;
}

/** What the page tells of a run. */
export function sectionOf(suite: string, figures: readonly Figure[], at: Date): string {
  const programs = [
    `Node ${process.versions.node}`,
    `Bun ${versionOf("bun", "--version")}`,
    `redis-server ${versionOf("redis-server", "--version")}`,
  ];
  return `The last run of \`npm run -s figures -- ${suite} --write\`, ${at.toISOString().slice(0, 10)}, on ${cpus().length} cores (${cpus()[0]?.model.trim() ?? "unknown"}),
${Math.round(totalmem() / 2 ** 30)} GiB of memory, ${platform()} ${arch()}, ${programs.join(", ")}, and the API server of the tests. Redis, bridge, API server, proxy,
gateway and the client share that machine, and with whatever else runs on it.

\`\`\`
${figures.map(lineOf).join("\n")}
\`\`\`

What each line says stands beside its measurement in \`scripts/figures/${suite}\`. Redis and API server are counted by requests that pass a front before
them, and the API server also by its own \`apiserver_request_total\`.
`;
}
