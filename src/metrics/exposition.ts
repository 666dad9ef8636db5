import { CATALOGUE, type Reading } from "./catalogue.ts";
import { familyText } from "./family-text.ts";

/** What ledgers count, in Prometheus' text format. */
export const exposition = (readings: readonly Reading[]): string =>
  CATALOGUE.map((family) =>
    familyText(
      family,
      readings.flatMap((reading) =>
        family.samples(reading).map((sample) => ({ ...sample, labels: { cluster: reading.cluster, ...sample.labels } })),
      ),
    ),
  ).join("");
