import * as v from "valibot";
import type { Source } from "../domain/source.ts";
import { type Environment, type Findings, problemsOf, textOf } from "./read.ts";
import { SOURCE_PREFIX } from "./settings.ts";
import { source } from "./shapes.ts";

const NAME = /^SOURCE_([A-Za-z0-9_]{1,40})$/;

/**
 * The senders of alerts, one for each variable SOURCE_<NAME>, whose name in lower case is theirs. `clusters` are those that a source may belong to; where there is one, it need not be named.
 */
export function readSources(env: Environment, clusters: readonly string[], findings: Findings): Source[] {
  const sources: Source[] = [];
  for (const variable of Object.keys(env).filter((name) => name.startsWith(SOURCE_PREFIX))) {
    const value = textOf(env, variable);
    if (value !== null) sources.push(...readSource(variable, value, clusters, findings));
  }
  findings.problems.push(...sharedNames(sources));
  return sources;
}

function readSource(variable: string, value: string, clusters: readonly string[], { problems }: Findings): Source[] {
  const name = NAME.exec(variable)?.[1]?.toLowerCase();
  if (name === undefined) problems.push(`${variable}: a source's name is 1 to 40 letters, digits and _`);
  const parsed = v.safeParse(source, value);
  if (!parsed.success) problems.push(...problemsOf(variable, parsed.issues));
  if (name === undefined || !parsed.success) return [];
  const { auth, namespaces, environment, backpressure, cluster = clusters.length === 1 ? clusters[0] : undefined } = parsed.output;
  const { alertsPerMinute = null } = parsed.output;
  // Without a valid cluster at all, that is the problem to mend.
  if (clusters.length > 0 && !clusters.includes(cluster ?? ""))
    problems.push(`${variable} cluster must be CLUSTER_NAME, or one of CLUSTERS`);
  const bearerSha256 = auth.map((credential) => credential.bearerSha256);
  const backpressureStatus = backpressure === "429" ? 429 : 503;
  return [
    { name, cluster: cluster ?? "", bearerSha256, namespaces, environment: environment ?? null, backpressureStatus, alertsPerMinute },
  ];
}

function sharedNames(sources: readonly Source[]): string[] {
  const named = Map.groupBy(sources, ({ name }) => name);
  return [...named]
    .filter(([, same]) => same.length > 1)
    .map(([name]) => `SOURCE_${name.toUpperCase()} is there more than once, in other letters`);
}
