import * as v from "valibot";
import { FEATURES } from "../../domain/feature.ts";
import { featureOf, RULE_STATES, RULES, type Rule } from "../../domain/rule.ts";
import type { ArmSight, Rollback, RolledBack, RuleSight, RuleState } from "../../ports/ledger.ts";

export const RuleName = v.picklist(RULES);
const State = v.picklist(RULE_STATES);

/** { feature, rule }. */
export const RolledBackReply = v.strictTuple([v.picklist(FEATURES), RuleName]);

type Hash = ReadonlyMap<string, string>;

/** From a counter, state or state|blind; nothing where it was never judged. */
const stateIn = (counters: Hash, rule: Rule): readonly string[] => counters.get(`rule:${rule}`)?.split("|") ?? [];

/** From the hash that rules are judged by, and the counters; those that were judged. */
export const parseRules = (canary: Hash, counters: Hash): RuleSight[] =>
  RULES.flatMap((rule) => {
    const [on, off] = [parseRecord(canary.get(`${rule}:on`)), parseRecord(canary.get(`${rule}:off`))];
    const blind = stateIn(counters, rule).length > 1;
    return on && off ? [{ feature: featureOf(rule), rule, ...on, blind, off: armOf(off), proof: listOf(canary.get(`${rule}:proof`)) }] : [];
  });

/** From counters named rule:<rule>, which hold its state, and |blind where it is. */
export const parseStates = (counters: Hash): RuleState[] =>
  RULES.flatMap((rule) => {
    const [state, blind] = stateIn(counters, rule);
    return v.is(State, state) ? [{ feature: featureOf(rule), rule, state, blind: blind !== undefined }] : [];
  });

/** From counters named rolled_back:<feature>, which hold the rule that nobody has acknowledged. */
export const parseRolledBack = (counters: Hash): RolledBack[] =>
  FEATURES.flatMap((feature) => {
    const rule = counters.get(`rolled_back:${feature}`);
    return v.is(RuleName, rule) ? [{ feature, rule }] : [];
  });

/** From rule|when|fingerprints|the rule's record. */
export function parseRollback(text = ""): Rollback | null {
  const [name, at, proof, ...record] = text.split("|");
  const told = parseRecord(record.join("|"));
  return told && v.is(RuleName, name) ? { rule: name, atMs: Number(at), ...told, proof: listOf(proof) } : null;
}

/** From share|limit|minutes|state|mean or ''|evidence|votes|units|…; null: it was never judged. */
export function parseRecord(text = ""): Omit<RuleSight, "feature" | "rule" | "blind" | "off" | "proof"> | null {
  const [, limit, windowMinutes, state, mean, evidence, votes, units] = text.split("|");
  if (!v.is(State, state)) return null;
  return {
    ...{ limit: Number(limit), windowMinutes: Number(windowMinutes), state, mean: mean ? Number(mean) : null },
    ...{ evidence: Number(evidence), votes: Number(votes), units: Number(units) },
  };
}

const armOf = ({ votes, units, mean }: ArmSight): ArmSight => ({ votes, units, mean });
const listOf = (text = ""): string[] => [...new Set(text.split(","))].filter((whose) => whose.length === 64);
