import type { RequestState } from "../../src/domain/remediation-request.ts";
import { memberId, stormName } from "../../src/domain/storm-draft.ts";
import type { AdmitAlert, Fact, Subject } from "../../src/ports/ledger.ts";
import { fingerprint, firing, stateOf, WINDOW_RULES } from "./ledger-builders.ts";

/** An alert that waits for others of its group. */
export const stormy = (word: string, over: Partial<AdmitAlert> = {}): AdmitAlert => firing(word, { windowRules: WINDOW_RULES, ...over });

/** How a storm's status lists a member. */
export const memberLine = (whose: string, target: string): string => `${memberId(whose)} ${target}`;

/** How a storm's request lists the member. */
export const lineOf = (word: string): string => memberLine(fingerprint(word), `shop:Pod:${word}`);

/** The object of a window as Kubernetes would show it. */
export const stormState = (subject: Subject, over: Partial<RequestState> = {}): RequestState =>
  stateOf("", { name: stormName(subject.slice(65)), uid: `uid-${subject.slice(65)}`, ...over });

export const stormEnsured = (subject: Subject, intent: string, over: Partial<RequestState> = {}): Extract<Fact, { kind: "ensured" }> => ({
  ...{ kind: "ensured", subject, intent, outcome: "created", state: stormState(subject, { intent, ...over }) },
  ...{ otherOccurrences: 0, takenBack: [], agoMs: null, adopted: null },
});

export const stormAdopted = (subject: Subject, intent: string, uid: string, adopted: { openedAtMs: number; members: number }): Fact => ({
  ...stormEnsured(subject, intent, { intent: "another", uid, name: "rr-storm-old" }),
  ...{ outcome: "existing", adopted },
});

/** `members`: how many its status lists; null: nobody looked. */
export const stormSeen = (
  subject: Subject,
  over: Partial<RequestState> = {},
  shown: Extract<Fact, { kind: "seen" }>["shown"] = null,
): Fact => ({ kind: "seen", subject, state: stormState(subject, over), shown, agoMs: null });

/** It has ended, by the version after its creation. */
export const stormEnded = (subject: Subject, endedAtMs: number, over: Partial<RequestState> = {}): Fact =>
  stormSeen(subject, { resourceVersion: "900", phase: "Completed", ended: true, endedAtMs, ...over });

export const stormGone = (subject: Subject, uid = `uid-${subject.slice(65)}`): Fact => ({
  ...{ kind: "gone", subject, uid, session: null, agoMs: null },
});

/** A window's ensure found the member in its own live request. */
export const held = (subject: Subject, intent: string, word: string, over: Partial<RequestState> = {}): Fact => ({
  ...{ kind: "held", subject, intent, fingerprint: fingerprint(word), state: stateOf(word, { intent: "another", ...over }) },
});
