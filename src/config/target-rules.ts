import type * as v from "valibot";
import type { ObjectTemplate, TargetRule } from "../domain/target/target-rule.ts";
import { type Template, templateOf } from "../domain/target/template.ts";
import { type NamedRule, readNamedRules } from "./named-rules.ts";
import type { Environment, Findings } from "./read.ts";
import { TARGET_RULE_PREFIX } from "./settings.ts";
import { targetRule, UNKNOWN_KIND } from "./target-rule-shape.ts";

/** What operators say about targets: a rule for each variable TARGET_RULE_<NAME>, in the order in which they are asked. */
export const readTargetRules = (env: Environment, findings: Findings): TargetRule[] =>
  readNamedRules(env, TARGET_RULE_PREFIX, targetRule, findings).map(ruleOf);

const ruleOf = ({ name, data }: NamedRule<v.InferOutput<typeof targetRule>>): TargetRule => ({
  name,
  match: Object.entries(data.match),
  object: objectOf(data),
  apart: data.apart,
  together: data.together,
});

function objectOf({ kind, name, namespace }: v.InferOutput<typeof targetRule>): ObjectTemplate | "unknown" | null {
  if (kind === undefined) return null;
  if (kind === UNKNOWN_KIND) return "unknown";
  return { kind: parsed(kind), name: parsed(name ?? ""), namespace: namespace === undefined ? null : parsed(namespace) };
}

/** The schema has let through nothing that cannot be read. */
const parsed = (text: string): Template => templateOf(text) as Template;
