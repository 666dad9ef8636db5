import { CATALOGUE, type Family, type Reading, type Sample } from "./catalogue.ts";
import { familyText } from "./family-text.ts";

/** Prometheus' text format, version 0.0.4. */
export const exposition = (readings: readonly Reading[]): string => CATALOGUE.map((family) => block(family, readings)).join("");

const block = (family: Family, readings: readonly Reading[]): string =>
  familyText(
    family,
    readings.flatMap((reading) => family.samples(reading).map((sample) => line(family.name, reading.cluster, sample))),
  );

function line(name: string, cluster: string, { labels, value }: Sample): string {
  const all = Object.entries({ cluster, ...labels }).map(([label, text]) => `${label}="${text}"`);
  return `${name}{${all.join(",")}} ${value}`;
}
