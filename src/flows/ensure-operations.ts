import { commonLabels, type StormDraft, type StormMember } from "../domain/storm-draft.ts";
import { type Crew, DRAFTS_MAX, type LeasedIntent, type Ledger, type Member } from "../ports/ledger.ts";
import type { EnsureOperation, EnsureStormOperation } from "../ports/remediation-writer.ts";
import { type Budget, REQUESTS, UNLIMITED } from "./budget.ts";

/** Members that are read in one call of the ledger. */
const CREW_PART = DRAFTS_MAX;

/** Most characters of members' details in one call: a request has room for less. */
const DETAILS_CHARACTERS_MAX = 512 * 1024;

/** Parts that are set aside for a storm at once: as many as those who join in one call of admit fill, so that what was begun is mostly finished. */
const CREW_PARTS = 3;

export interface StormOptions {
  readonly cluster: string;
  /** Longest life and most members of a storm that may be adopted. */
  readonly windowMaxMs: number;
  readonly windowAlertsMax: number;
}

/** An intent's ensure. `retry` as in EnsureOperation. Null: its window's intent is not open any more, or the budget is too small to read it. Throws `Failure` when the ledger cannot be reached. */
export async function ensureOperation(
  ledger: Pick<Ledger, "crew">,
  intent: Omit<LeasedIntent, "tries" | "namespace"> & { readonly retry: boolean },
  options: StormOptions,
  budget: Budget = UNLIMITED,
): Promise<EnsureOperation | EnsureStormOperation | null> {
  const { draft, retry, buffered } = intent;
  return draft ? { kind: "ensure", intent: intent.intent, retry, draft, buffered } : ensureStorm(ledger, intent, options, budget);
}

async function ensureStorm(
  ledger: Pick<Ledger, "crew">,
  { subject, intent, retry }: { readonly subject: string; readonly intent: string; readonly retry: boolean },
  { cluster, windowMaxMs, windowAlertsMax }: StormOptions,
  budget: Budget,
): Promise<EnsureStormOperation | null> {
  const crew = await readCrew(ledger, subject, intent, budget);
  if (!crew || crew.members.length === 0) return null;
  const storm = stormDraft(subject, cluster, crew.members, crew.firstRequestMs);
  const adopt = { youngerThanMs: windowMaxMs, fewerThan: windowAlertsMax, exceptUids: crew.knownUids };
  return { kind: "ensure-storm", intent, retry, storm, adopt };
}

/** All members that an intent stands for. */
async function readCrew(ledger: Pick<Ledger, "crew">, subject: string, intent: string, budget: Budget): Promise<Crew | null> {
  let aside: number = REQUESTS.firstCrew + (CREW_PARTS - 1) * REQUESTS.crew;
  if (!budget.take(aside)) return null;
  const first = await ledger.crew(subject, intent, 0, CREW_PART);
  aside -= REQUESTS.firstCrew;
  const members = [...(first?.members ?? [])];
  let part = first;
  while (part?.members.length === CREW_PART) {
    if (aside === 0 && !budget.take(REQUESTS.crew)) return null;
    aside = Math.max(0, aside - REQUESTS.crew);
    part = await ledger.crew(subject, intent, members.at(-1)?.seq ?? 0, CREW_PART);
    members.push(...(part?.members ?? []));
  }
  budget.give(aside);
  return first && part && { ...first, members };
}

function stormDraft(subject: string, cluster: string, members: readonly Member[], firstRequestMs: number): StormDraft {
  const [group = "", window = ""] = subject.split(".");
  const { namespace, spec, traceparent } = (members[0] as Member).draft;
  let room = DETAILS_CHARACTERS_MAX;
  const detailed = members.map(({ fingerprint, target, draft }): StormMember => {
    const { severity, priority, firingTime, signalLabels: labels, signalAnnotations: annotations } = draft.spec;
    room -= JSON.stringify([labels, annotations]).length;
    return { fingerprint, target, severity, priority, firingTime, details: room < 0 ? null : { labels, annotations } };
  });
  const signalLabels = commonLabels(members.map(({ draft }) => draft.spec.signalLabels));
  const base = { ...spec, signalLabels, signalAnnotations: {} };
  const stormWindow = `${firstRequestMs / 1_000}s`;
  return { group, window, namespace, cluster, stormWindow, base, members: detailed, ...(traceparent && { traceparent }) };
}
