import type { Ledger, Survey } from "../../src/ports/ledger.ts";
import { readingOf, samplesOf } from "./read-metrics.ts";

const sum = (values: Readonly<Record<string, number>>) => Object.values(values).reduce((total, value) => total + value, 0);

/** What is wrong in a ledger that began empty; null: each that was owed something has got it, or it stands open. */
export function lostIn({ owed, owedBefore, settled, open }: Survey): string | null {
  if (owed === sum(settled) + sum(open) && owedBefore === 0 && settled.lost === 0) return null;
  return `owed ${owed}, before that was counted ${owedBefore}, settled ${JSON.stringify(settled)}, open ${JSON.stringify(open)}`;
}

/** Throws where a ledger that began empty has lost sight of something that is owed. */
export async function checkConserved(ledger: Pick<Ledger, "survey">): Promise<void> {
  const lost = lostIn(await ledger.survey());
  if (lost !== null) throw new Error(`not conserved: ${lost}`);
}

const CHANGING = ["admit", "fact", "lease", "settle", "sweep", "replay", "discard", "discardLetters"] as const satisfies (keyof Ledger)[];

/** The same ledger, empty so far, which throws from the first call on after which something that is owed is out of sight. */
export function conserving(ledger: Ledger): Ledger {
  const checked = CHANGING.map((name) => {
    const method = ledger[name] as (...args: never[]) => Promise<unknown>;
    const call = async (...args: never[]) => {
      const answer = await method(...args);
      await checkConserved(ledger);
      return answer;
    };
    return [name, call];
  });
  return { ...ledger, ...Object.fromEntries(checked) };
}

/** What a page of metrics tells of itself: null where each ledger that it could read still sees everything that is owed. */
export function lostOnPage(page: string): string | null {
  const samples = samplesOf(page);
  const clusters = samples.flatMap(({ name, labels }) => (name === "gateway_conservation_taken_total" ? (labels.cluster ?? "") : []));
  const isLost = (cluster: string): boolean => {
    const [taken, settled, open] = ["taken_total", "settled_total", "open"].map((name) =>
      readingOf(samples, `gateway_conservation_${name}`, { cluster }),
    );
    const lost = readingOf(samples, "gateway_conservation_settled_total", { cluster, outcome: "lost" });
    return taken === undefined || settled === undefined || open === undefined || taken !== settled + open || lost !== 0;
  };
  const told = samples.filter(({ name, labels }) => name.startsWith("gateway_conservation_") && isLost(labels.cluster ?? ""));
  return clusters.some(isLost) ? JSON.stringify(told.map(({ name, labels, value }) => [name, labels, value])) : null;
}
