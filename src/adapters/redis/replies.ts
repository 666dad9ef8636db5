import * as v from "valibot";
import { fromBase64 } from "../../domain/base64.ts";
import { Failure } from "../../domain/failure.ts";
import { FEATURES } from "../../domain/feature.ts";
import { saturate } from "../../domain/occurrences.ts";
import { OUTCOMES, REASONS, RUNGS } from "../../domain/outcome.ts";
import type { RequestDraft } from "../../domain/remediation-request.ts";
import { memberId } from "../../domain/storm-draft.ts";
import {
  type DeadLetter,
  LETTER_KINDS,
  type LeasedCount,
  type LeasedIntent,
  type LedgerRules,
  type OutcomeCount,
  REQUEST_KINDS,
  type Remembered,
  SETTLED,
  type Survey,
  type Verdict,
  WAIT_BOUNDS,
} from "../../ports/ledger.ts";
import { pairsOf, parseArms } from "./flag-store.ts";
import { isWindow } from "./groups.ts";
import { parseRolledBack, parseStates } from "./replies-rules.ts";
import { parseUrgency } from "./urgency-number.ts";

const Outcome = v.picklist(OUTCOMES);
const Reason = v.picklist(REASONS);
const Rung = v.picklist(RUNGS);

/** A count as Redis holds it. The version before knew no bound. */
export const parseOccurrences = (text: string | undefined): number => saturate(Number(text));

/** From { verdict, reason, rung, occurrences, intent, namespace, name, uid, subject }. Throws `Failure` for a word that no script says. */
export function parseVerdict([
  verdict,
  reason,
  rung,
  occurrences,
  intent = "",
  namespace,
  name,
  uid,
  subject = "",
]: readonly string[]): Verdict {
  const request = name ? { namespace: namespace ?? "", name } : null;
  if (verdict === "full" || verdict === "other-body") return { kind: verdict };
  if (verdict === "limited") return { kind: "limited", waitMs: Number(reason) };
  if (verdict === "check" && request) return { kind: "check", subject, request: { ...request, uid: uid ?? "" } };
  if (verdict === "ensure")
    return { kind: "ensure", subject, intent, reason: word(Reason, reason), occurrences: parseOccurrences(occurrences) };
  return {
    kind: "settled",
    outcome: word(Outcome, verdict),
    request,
    occurrences: parseOccurrences(occurrences),
    reason: word(Reason, reason),
    rung: word(Rung, rung),
  };
}

/** From { outcome, reason, rung }; empty: nothing is remembered. */
export const parseRemembered = ([outcome, reason, rung]: readonly string[]): Remembered | null =>
  outcome ? { outcome: word(Outcome, outcome), reason: word(Reason, reason), rung: word(Rung, rung) } : null;

/** Empty text: none. */
export const parseMs = (text: string | undefined): number | null => (text ? Number(text) : null);

/** From { subject, intent, tries, buffered, draft or '', namespace }. */
export function parseIntent([subject = "", intent = "", tries, buffered, draft = "", namespace = ""]: readonly string[]): LeasedIntent {
  return { subject, intent, namespace, tries: Number(tries), draft: draft ? parseDraft(draft) : null, buffered: buffered === "1" };
}

/** From { mark, namespace, name, uid, slot, count, first, last, resolvedAt, last member told, closedAt, urgency, members told.. }. */
export function parseCount([mark = "", namespace = "", name = "", uid = "", slot = "", ...rest]: readonly string[]): LeasedCount {
  const [count, first, last, resolvedAt, through, closedAt, urgency, ...members] = rest;
  const subject = mark.slice(0, mark.indexOf("|"));
  const late = members.map(fingerprintIn).filter((whose) => whose.length > memberId(whose).length);
  return {
    mark,
    subject,
    request: { namespace, name, uid },
    slot,
    count: parseOccurrences(count),
    firstSeenMs: Number(first),
    lastSeenMs: Number(last),
    resolvedAtMs: parseMs(resolvedAt),
    urgency: parseUrgency(urgency),
    storm: isWindow(subject) ? { members: members.map(lineOf), closedAtMs: parseMs(closedAt) } : null,
    late,
    through: Number(through),
  };
}

/** A member is told as `<fingerprint> <target>`, or by the id that it is listed under where nothing more is to be told of it. */
const fingerprintIn = (member: string): string => member.slice(0, member.indexOf(" "));
const lineOf = (member: string): string => memberId(member) + member.slice(member.indexOf(" "));

const Kind = v.picklist(LETTER_KINDS);
const SignalType = v.fallback(v.picklist(["prometheus-alert", "kubernetes-event"]), "prometheus-alert");

/** From { kind, source, reason, count, first, last, signal type, payload or draft, tried again 1|0 }; empty where the letter is gone since it was named. */
export function parseLetter(id: string, fields: readonly string[]): DeadLetter[] {
  const [kind, source = "", reason = "", count, first, last, told, body, retrying] = fields;
  if (kind === undefined || body === undefined) return [];
  const spec = kind === "invalid" ? undefined : parseDraft(body)?.spec;
  return [
    {
      id,
      kind: word(Kind, kind),
      source,
      reason,
      count: parseOccurrences(count),
      firstSeenMs: Number(first),
      lastSeenMs: Number(last),
      signalType: v.parse(SignalType, spec?.signalType ?? told),
      payload: spec ? fromBase64(spec.originalPayload) : body,
      retrying: retrying === "1",
    },
  ];
}

type SurveyReply = readonly [string, string, readonly string[], ...string[]];

/** From { open intents, oldest ms, counters and their values in turn, buffered, most buffered of a namespace, oldest letter ms, counts, ms overdue of windows, intents and counts, letters, letters of each kind, shares }. */
export function parseSurvey(
  [open = "", oldest, flat, buffered = "", most, oldestLetter, countsPending, ...rest]: SurveyReply,
  { total, perNamespace }: LedgerRules["bufferedMax"],
): Survey {
  const [sweepLag, intentsOverdue, countsOverdue, kept, ...counts] = rest.map(Number);
  const [letters, shares] = [counts.slice(0, LETTER_KINDS.length), counts.slice(LETTER_KINDS.length)];
  const fields = pairsOf(flat);
  const numberAt = (name: string): number => Number(fields.get(name) ?? 0);
  const outcomes = [...fields].flatMap(([name, count]) => parseOutcome(name.split(":"), Number(count)));
  const failures = countsBehind("failure:", fields).map(([reason, count]) => ({ reason, count }));
  return {
    outcomes: outcomes.sort((left, right) => (nameOf(left) < nameOf(right) ? -1 : 1)),
    openIntents: Number(open),
    oldestIntentMs: parseMs(oldest),
    failures,
    targets: countsBehind("target:", fields).map(([rule, count]) => ({ rule, count })),
    deadLetters: each(LETTER_KINDS, (_, at) => letters[at] ?? 0),
    lettersDropped: countsBehind("letters_dropped:", fields).map(([source, count]) => ({ source, count })),
    deadLetterOldestMs: parseMs(oldestLetter),
    buffered: Number(buffered),
    bufferFill: Math.max(Number(buffered) / total, Number(most) / perNamespace),
    watchdogSeenMs: parseMs(fields.get("watchdog_seen")),
    arms: parseArms(fields),
    rules: parseStates(fields),
    votes: countsBehind("votes:", fields).map(([rule, count]) => ({ rule, count })),
    rolledBack: parseRolledBack(fields),
    rollbacks: countsBehind("rollback:", fields).map(([name, count]) => {
      const [feature = "", rule = ""] = name.split(":");
      return { feature, rule, count };
    }),
    shares: each(FEATURES, (_, at) => shares[at] ?? 0),
    heartbeatSeenMs: parseMs(fields.get("heartbeat_seen")),
    waits: each(REQUEST_KINDS, (kind) => ({
      counts: [...WAIT_BOUNDS, "more"].map((bound) => numberAt(`waited:${kind}:${bound}`)),
      sumMs: numberAt(`waited:${kind}:ms`),
    })),
    owed: numberAt("owed") + numberAt("owed:before"),
    owedBefore: numberAt("owed:before"),
    settled: each(SETTLED, (outcome) => numberAt(`settled:${outcome}`)),
    open: { window: Number(buffered), intent: Number(open), "dead-letter": kept ?? 0 },
    sweepLagMs: sweepLag ?? 0,
    intentsOverdueMs: intentsOverdue ?? 0,
    countsPending: Number(countsPending),
    countsOverdueMs: countsOverdue ?? 0,
  };
}

const each = <Name extends string, Value>(names: readonly Name[], read: (name: Name, at: number) => Value): Record<Name, Value> =>
  Object.fromEntries(names.map((name, at) => [name, read(name, at)])) as Record<Name, Value>;

/** The counters that begin so, without their beginning and in the order of their names. */
const countsBehind = (prefix: string, fields: ReadonlyMap<string, string>): [name: string, count: number][] =>
  [...fields]
    .flatMap(([name, count]): [string, number][] => (name.startsWith(prefix) ? [[name.slice(prefix.length), Number(count)]] : []))
    .sort(([left], [right]) => (left < right ? -1 : 1));

function parseOutcome([group, source = "", outcome, rung]: readonly string[], count: number): OutcomeCount[] {
  if (group !== "outcome") return [];
  return [{ source, outcome: word(Outcome, outcome), rung: word(Rung, rung), count }];
}

const nameOf = ({ source, outcome, rung }: OutcomeCount): string => [source, outcome, rung].join(":");

/** One of a closed list. */
export function word<Word extends string>(words: v.GenericSchema<unknown, Word>, text: string | undefined): Word {
  const parsed = v.safeParse(words, text);
  if (parsed.success) return parsed.output;
  throw new Failure("ledger-reply-invalid", "Redis answered a word that no script of this version says", "unknown");
}

/** A draft is what this project's own admit stored; whoever makes an object of it checks its fields. Null: it is no JSON any more, which is no reason to fail what is read with it. */
export function parseDraft(text: string): RequestDraft | null {
  try {
    return JSON.parse(text) as RequestDraft;
  } catch {
    return null;
  }
}
