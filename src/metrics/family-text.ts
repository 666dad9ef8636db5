/** What a metric is called, means and counts. */
export interface Heading {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram";
}

/** One value of a metric. */
export interface Sample {
  /** Of any text: whatever would break the format is escaped. */
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** Which part of a histogram it is. */
  readonly part?: "_bucket" | "_sum" | "_count";
}

/** A metric in Prometheus' text format, version 0.0.4. */
export const familyText = ({ name, help, type }: Heading, samples: readonly Sample[]): string =>
  [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...samples.map((sample) => line(name, sample)), ""].join("\n");

function line(name: string, { labels, value, part }: Sample): string {
  const told = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
  return `${name}${part ?? ""}${told.length > 0 ? `{${told.join(",")}}` : ""} ${value}`;
}

const escaped = (text: string): string => text.replace(/[\\"]/g, "\\$&").replaceAll("\n", "\\n");
