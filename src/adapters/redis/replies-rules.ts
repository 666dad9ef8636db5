import * as v from "valibot";
import { FEATURES, type Feature } from "../../domain/feature.ts";
import { RULE_STATES, RULES, type Rule } from "../../domain/rule.ts";
import type { ArmSight, Rollback, RuleSight, RuleState } from "../../ports/ledger.ts";

export const RuleName = v.picklist(RULES);
const State = v.picklist(RULE_STATES);

/** { feature, rule }. */
export const RolledBackReply = v.strictTuple([v.picklist(FEATURES), RuleName]);

/** Rules of the first feature; all others are of the second. */
const FIRST = 5;
export const featureOf = (rule: Rule): Feature => FEATURES[RULES.indexOf(rule) < FIRST ? 0 : 1];

/** From the hash that rules are judged by; those that were judged. */
export const parseRules = (canary: ReadonlyMap<string, string>): RuleSight[] =>
  RULES.flatMap((rule) => {
    const [on, off] = [parseRecord(canary.get(`${rule}:on`)), parseRecord(canary.get(`${rule}:off`))];
    const blind = on?.votes === 0 && on.units > 0;
    return on && off ? [{ feature: featureOf(rule), rule, ...on, blind, off: armOf(off), proof: listOf(canary.get(`${rule}:proof`)) }] : [];
  });

/** From counters named rule:<rule>, which hold its state, and |blind where it is. */
export const parseStates = (counters: ReadonlyMap<string, string>): RuleState[] =>
  RULES.flatMap((rule) => {
    const [state, blind] = (counters.get(`rule:${rule}`) ?? "").split("|");
    return v.is(State, state) ? [{ feature: featureOf(rule), rule, state, blind: blind !== undefined }] : [];
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
