/** What a metric is called, means and counts. */
export interface Heading {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram";
}

/** A metric in Prometheus' text format, version 0.0.4. `lines`: its samples, without line ends. */
export const familyText = ({ name, help, type }: Heading, lines: readonly string[]): string =>
  [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines, ""].join("\n");
