import * as v from "valibot";
import { type Environment, type Findings, problemsOf, textOf } from "./read.ts";

const NAME = /^[A-Za-z0-9_]{1,40}$/;

/** One rule of an operator, of a variable whose name ends with the rule's own. */
export interface NamedRule<Data> {
  readonly variable: string;
  /** In lower case. */
  readonly name: string;
  readonly data: Data;
}

/**
 * The rules of all variables that begin with the prefix, the highest priority first, equal ones in the order of their names. What is wrong with one,
 * or with its name, goes to `findings`.
 */
export function readNamedRules<Data extends { readonly priority: number }>(
  env: Environment,
  prefix: string,
  schema: v.GenericSchema<string, Data>,
  findings: Findings,
): NamedRule<Data>[] {
  const variables = Object.keys(env).filter((name) => name.startsWith(prefix));
  const rules = variables.flatMap((variable) => readRule(variable, prefix, textOf(env, variable), schema, findings));
  findings.problems.push(...sharedNames(rules, prefix));
  return rules.toSorted((a, b) => b.data.priority - a.data.priority || Number(a.name > b.name) - Number(a.name < b.name));
}

function readRule<Data>(
  variable: string,
  prefix: string,
  value: string | null,
  schema: v.GenericSchema<string, Data>,
  { problems }: Findings,
): NamedRule<Data>[] {
  if (value === null) return [];
  const name = variable.slice(prefix.length);
  const isNamed = NAME.test(name);
  if (!isNamed) problems.push(`${variable}: a rule's name is 1 to 40 letters, digits and _`);
  const parsed = v.safeParse(schema, value);
  if (!parsed.success) problems.push(...problemsOf(variable, parsed.issues));
  return isNamed && parsed.success ? [{ variable, name: name.toLowerCase(), data: parsed.output }] : [];
}

function sharedNames(rules: readonly NamedRule<unknown>[], prefix: string): string[] {
  const named = Map.groupBy(rules, ({ name }) => name);
  return [...named]
    .filter(([, same]) => same.length > 1)
    .map(([name]) => `${prefix}${name.toUpperCase()} is there more than once, in other letters`);
}
