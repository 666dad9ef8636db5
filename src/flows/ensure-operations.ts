import { commonLabels, type StormDraft, type StormMember } from "../domain/storm-draft.ts";
import type { LeasedIntent, Ledger, Member } from "../ports/ledger.ts";
import type { EnsureOperation, EnsureStormOperation } from "../ports/remediation-writer.ts";

/** Members that are read in one call of the ledger: their labels and annotations may be 128 KiB each. */
const CREW_PART = 200;

/** Most characters of members' details in one call: a request has room for less. */
const DETAILS_CHARACTERS_MAX = 512 * 1024;

export interface StormOptions {
  readonly cluster: string;
  /** Longest life and most members of a storm that may be adopted. */
  readonly windowMaxMs: number;
  readonly windowAlertsMax: number;
}

/** An intent's ensure. `retry` as in EnsureOperation. Null: its window's intent is not open any more. Throws `Failure` when the ledger cannot be reached. */
export async function ensureOperation(
  ledger: Pick<Ledger, "crew">,
  intent: Omit<LeasedIntent, "tries"> & { readonly retry: boolean },
  options: StormOptions,
): Promise<EnsureOperation | EnsureStormOperation | null> {
  const { draft, retry, buffered } = intent;
  return draft ? { kind: "ensure", intent: intent.intent, retry, draft, buffered } : ensureStorm(ledger, intent, options);
}

async function ensureStorm(
  ledger: Pick<Ledger, "crew">,
  { subject, intent, retry }: { readonly subject: string; readonly intent: string; readonly retry: boolean },
  { cluster, windowMaxMs, windowAlertsMax }: StormOptions,
): Promise<EnsureStormOperation | null> {
  const members: Member[] = [];
  let known: readonly string[] = [];
  for (;;) {
    const crew = await ledger.crew(subject, intent, members.at(-1)?.seq ?? 0, CREW_PART);
    if (!crew) return null;
    if (members.length === 0) known = crew.knownUids;
    members.push(...crew.members);
    if (crew.members.length === CREW_PART) continue;
    if (members.length === 0) return null;
    const storm = stormDraft(subject, cluster, members, crew.firstRequestMs);
    const adopt = { youngerThanMs: windowMaxMs, fewerThan: windowAlertsMax, exceptUids: known };
    return { kind: "ensure-storm", intent, retry, storm, adopt };
  }
}

function stormDraft(subject: string, cluster: string, members: readonly Member[], firstRequestMs: number): StormDraft {
  const [group = "", window = ""] = subject.split(".");
  const { namespace, spec } = (members[0] as Member).draft;
  let room = DETAILS_CHARACTERS_MAX;
  const detailed = members.map(({ fingerprint, target, draft }): StormMember => {
    const { severity, priority, firingTime, signalLabels: labels, signalAnnotations: annotations } = draft.spec;
    room -= JSON.stringify([labels, annotations]).length;
    return { fingerprint, target, severity, priority, firingTime, details: room < 0 ? null : { labels, annotations } };
  });
  const signalLabels = commonLabels(members.map(({ draft }) => draft.spec.signalLabels));
  const base = { ...spec, signalLabels, signalAnnotations: {} };
  return { group, window, namespace, cluster, stormWindow: `${firstRequestMs / 1_000}s`, base, members: detailed };
}
