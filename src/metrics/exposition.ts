import { CATALOGUE, type Family, type Reading, type Sample } from "./catalogue.ts";

/** Prometheus' text format, version 0.0.4. */
export const exposition = (readings: readonly Reading[]): string => CATALOGUE.map((family) => block(family, readings)).join("");

function block({ name, help, type, samples }: Family, readings: readonly Reading[]): string {
  const lines = readings.flatMap((reading) => samples(reading).map((sample) => line(name, reading.cluster, sample)));
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join("")}`;
}

function line(name: string, cluster: string, { labels, value }: Sample): string {
  const all = Object.entries({ cluster, ...labels }).map(([label, text]) => `${label}="${text}"`);
  return `${name}{${all.join(",")}} ${value}\n`;
}
