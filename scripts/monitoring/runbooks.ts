import { readFileSync } from "node:fs";

/** The five things that a runbook says, in their order. */
const PARTS = ["Means", "Costs", "Find", "Mend", "Over"] as const;

/** What to do about one alert: for each part, the commands that it holds, as a shell takes them. */
export interface Runbook {
  readonly alert: string;
  readonly find: readonly string[];
  readonly mend: readonly string[];
  readonly over: readonly string[];
}

const commandsIn = (text: string): string[] => [...text.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, commands = ""]) => commands);

/** The page of runbooks. */
const PAGE = "docs/troubleshooting.md";

/** The functions that runbooks use, as a shell takes them. */
export function runbookWords(page = readFileSync(PAGE, "utf8")): string {
  const [head = ""] = page.split(/^### /m);
  return commandsIn(head).at(-1) ?? "";
}

/** Every runbook of the page, in its order. Throws where one lacks a part, or has them in another order. */
export function runbooks(page = readFileSync(PAGE, "utf8")): readonly Runbook[] {
  const sections = page.split(/^(?=##)/m).filter((section) => section.startsWith("### Breakwater"));
  return sections.map((section) => {
    const alert = section.slice(4, section.indexOf("\n"));
    const parts = section.split(/^\*\*(\w+):\*\*/m).slice(1);
    const names = parts.filter((_, at) => at % 2 === 0);
    if (names.join() !== PARTS.join()) throw new Error(`the runbook of ${alert} says ${names.join(", ")}, not ${PARTS.join(", ")}`);
    const [find = [], mend = [], over = []] = [5, 7, 9].map((at) => commandsIn(parts[at] ?? ""));
    return { alert, find, mend, over };
  });
}
