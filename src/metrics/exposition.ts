import { CATALOGUE, type Reading } from "./catalogue.ts";
import { familyText } from "./family-text.ts";

/** What ledgers count, in Prometheus' text format. `helps`: what it means, by metric. */
export const exposition = (readings: readonly Reading[], helps: Readonly<Record<string, string>>): string =>
  CATALOGUE.map((family) =>
    familyText(
      { ...family, help: helps[family.name] ?? "" },
      readings.flatMap((reading) =>
        family.samples(reading).map((sample) => ({ ...sample, labels: { cluster: reading.cluster, ...sample.labels } })),
      ),
    ),
  ).join("");
