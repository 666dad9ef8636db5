import * as v from "valibot";
import { OUTCOMES, REASONS } from "../../domain/outcome.ts";
import type { RequestRef } from "../../domain/remediation-request.ts";
import { RULES } from "../../domain/rule.ts";
import { type Member, type Receipt, STEP_EVENTS, type Step, type Subject, type WindowSight } from "../../ports/ledger.ts";
import { parseDraft, parseMs, parseOccurrences, word } from "./replies.ts";

/** A member as its group's index names it. */
export type MemberEntry = Omit<Member, "draft">;

/** From `<window>:<place>:<fingerprint>:<target>`. */
export function parseEntry(entry: string): MemberEntry {
  const [, seq, fingerprint = "", ...target] = entry.split(":");
  return { seq: Number(seq), fingerprint, target: target.join(":") };
}

const refOf = (namespace = "", name = ""): RequestRef | null => (name ? { namespace, name } : null);

const State = v.picklist(["buffered", "pending", "live", "dead", "ended"]);
const WindowState = v.picklist(["buffering", "pending", "live", "closed", "expired", "ended"]);

/** A window, and what its ensure has to know. */
export interface ParsedWindow {
  readonly sight: WindowSight;
  /** The intent that is open for it; empty: none is. */
  readonly intent: string;
  readonly carried: number;
  readonly firstRequestMs: number;
}

/** In the order of the fields that the script names; null: it is gone. */
export function parseWindow(subject: Subject, fields: readonly string[]): ParsedWindow | null {
  const [state, namespace = "", alertname = "", members, occurrences, threshold, openedAt, dueAt, ns, name, ...rest] = fields;
  if (state === undefined) return null;
  const [firstRequest, intent = "", carried] = rest;
  const sight: WindowSight = {
    subject,
    state: word(WindowState, state),
    namespace,
    alertname,
    members: Number(members),
    occurrences: parseOccurrences(occurrences),
    threshold: Number(threshold),
    openedAtMs: Number(openedAt),
    dueAtMs: parseMs(dueAt),
    request: refOf(ns, name),
  };
  return { sight, intent, carried: Number(carried), firstRequestMs: Number(firstRequest) };
}

/** From { state, occurrences, namespace, name, window, steps, draft } and, of a member, { state, namespace, name, steps } of its window. Null: nothing is known. */
export function parseReceipt(fingerprint: string, fields: readonly string[], storm: readonly string[]): Receipt | null {
  const [own, occurrences, namespace, name, , ownSteps = "", draft] = fields;
  if (own === undefined) return null;
  const [state = own, stormNamespace = namespace, stormName = name, stormSteps = ""] = storm;
  const steps = [...parseSteps(ownSteps), ...parseSteps(stormSteps)];
  return {
    fingerprint,
    state: word(State, state),
    occurrences: parseOccurrences(occurrences),
    request: refOf(stormNamespace, stormName),
    draft: draft ? parseDraft(draft) : null,
    steps: steps.toSorted((left, right) => left.atMs - right.atMs),
  };
}

const Event = v.picklist([...OUTCOMES, ...STEP_EVENTS]);
const Reason = v.picklist([...REASONS, ...RULES]);

/** A line each: at|times|event|reason|source|namespace|name. */
const parseSteps = (text: string): Step[] =>
  text
    .split("\n")
    .filter(Boolean)
    .map((line) => {
      const [at, times, event, reason, source, namespace, name] = line.split("|");
      return {
        atMs: Number(at),
        times: Number(times),
        event: word(Event, event),
        reason: reason ? word(Reason, reason) : null,
        source: source || null,
        request: refOf(namespace, name),
      };
    });
