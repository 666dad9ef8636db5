import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Links of a page that lead to nothing, and `npm run` commands it names that package.json doesn't have. */
export function pageProblems(
  page: { path: string; text: string },
  exists: (path: string) => boolean,
  scripts: readonly string[],
): string[] {
  const links = [...page.text.matchAll(/\]\(([^)\s]+)[^)]*\)/g)].map(([, link = ""]) => link.replace(/#.*$/, ""));
  const relative = links.filter((link) => link !== "" && !/^[a-z]+:/i.test(link));
  const commands = [...page.text.matchAll(/\bnpm run (?:-s |--silent )?([\w:-]+)/g)].map(([, command = ""]) => command);
  return [
    ...relative.filter((link) => !exists(join(dirname(page.path), link))).map((link) => `${page.path}: ${link} leads to nothing`),
    ...commands.filter((command) => !scripts.includes(command)).map((command) => `${page.path}: there is no npm run ${command}`),
  ];
}

/** The problems of every page that people read. */
export function checkPages(): string[] {
  const scripts = Object.keys(JSON.parse(readFileSync("package.json", "utf8")).scripts);
  const pages = globSync(["*.md", "docs/**/*.md", "deploy/**/*.md"]);
  return pages.flatMap((path) => pageProblems({ path, text: readFileSync(path, "utf8") }, existsSync, scripts));
}
