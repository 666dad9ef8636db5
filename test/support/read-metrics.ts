export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly samples: readonly Sample[];
}

const SAMPLE = /^([a-z_]+)(?:\{((?:[a-z]+="(?:[^"\\\n]|\\[\\"n])*",?)*)\})? (-?\d+(?:\.\d+)?(?:e[+-]\d+)?)$/;
const LABEL = /([a-z]+)="((?:[^"\\\n]|\\[\\"n])*)"/g;
const PARTS: Readonly<Record<string, RegExp>> = { histogram: /_(bucket|sum|count)$/ };

const unescaped = (text: string): string => text.replace(/\\(.)/g, (_, what: string) => (what === "n" ? "\n" : what));

/** A strict reader of Prometheus' text format 0.0.4: each metric once, its help and its type before its samples, none of which stands twice. */
export function familiesOf(text: string): Family[] {
  if (!text.endsWith("\n")) throw new Error("the last line has no end");
  const families: (Family & { samples: Sample[] })[] = [];
  const seen = new Set<string>();
  for (const block of text.split(/^(?=# HELP )/m)) {
    const [, name = "", help = "", typed = "", type = "", body = ""] =
      /^# HELP ([a-z_]+) (\S[^\n]*)\n# TYPE ([a-z_]+) (counter|gauge|histogram)\n((?:[^#\n][^\n]*\n)*)$/.exec(block) ?? [];
    if (name === "" || typed !== name || seen.has(name)) throw new Error(`no metric, or a second time: ${block.slice(0, 200)}`);
    seen.add(name);
    const samples = body
      .split("\n")
      .slice(0, -1)
      .map((line) => sampleOf(line));
    for (const sample of samples) {
      const key = JSON.stringify(sample.labels) + sample.name;
      if (sample.name.replace(PARTS[type] ?? "", "") !== name || seen.has(key)) throw new Error(`not of ${name}, or twice: ${key}`);
      seen.add(key);
    }
    families.push({ name, help, type, samples });
  }
  return families;
}

function sampleOf(line: string): Sample {
  const [, name, labels = "", value] = SAMPLE.exec(line) ?? [];
  if (name === undefined) throw new Error(`no sample: ${line}`);
  const told = [...labels.matchAll(LABEL)].map(([, label = "", text = ""]) => [label, unescaped(text)]);
  return { name, labels: Object.fromEntries(told), value: Number(value) };
}

export const samplesOf = (text: string): Sample[] => familiesOf(text).flatMap(({ samples }) => samples);

/** What a metric tells of a set of labels, all others left aside, added up; undefined: nothing. */
export function readingOf(samples: readonly Sample[], name: string, labels: Sample["labels"] = {}): number | undefined {
  const meant = samples.filter((one) => one.name === name && Object.entries(labels).every(([label, text]) => one.labels[label] === text));
  return meant.length === 0 ? undefined : meant.reduce((sum, { value }) => sum + value, 0);
}
