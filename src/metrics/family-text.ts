/** What a metric is called, and what kind it is. */
export interface Titled {
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram";
}

/** The same, and what it means. */
export interface Heading extends Titled {
  readonly help: string;
}

/** One value of a metric. */
export interface Sample {
  /** Of any text: whatever would break the format is escaped. */
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** Which part of a histogram it is. */
  readonly part?: "_bucket" | "_sum" | "_count";
}

/** A metric in Prometheus' text format, version 0.0.4, in which HELP may be left out. */
export const familyText = ({ name, help, type }: Titled & Partial<Heading>, samples: readonly Sample[]): string =>
  [...(help ? [`# HELP ${name} ${help}`] : []), `# TYPE ${name} ${type}`, ...samples.map((sample) => line(name, sample)), ""].join("\n");

function line(name: string, { labels, value, part }: Sample): string {
  const told = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
  return `${name}${part ?? ""}${told.length > 0 ? `{${told.join(",")}}` : ""} ${value}`;
}

const escaped = (text: string): string => text.replace(/[\\"]/g, "\\$&").replaceAll("\n", "\\n");
