import type { Answered, Traced } from "./gateway.ts";
import type { Webhook } from "./webhooks.ts";

/** One alert of a drill. */
export interface Fate {
  /** As its sender was answered; null: never. */
  readonly outcome: string | null;
  readonly request: string | null;
  /** By which outcome it was settled without a request; null: it was not. */
  readonly without: string | null;
  /** What stood in the way the last time that something was asked of it; null: nothing did. */
  readonly trouble: string | null;
}

export interface Tracked {
  /** Null: not answered yet. */
  readonly fingerprint: string | null;
  readonly fate: Fate;
}

/** A webhook on its way. */
export interface Part {
  readonly webhook: Webhook;
  readonly alerts: Tracked[];
  /** When it was sent first; null: not yet. */
  firstMs: number | null;
}

export interface Progress {
  readonly answered: number;
  readonly settled: number;
  /** What stands in the way now; null: nothing does. */
  readonly trouble: string | null;
}

const UNSENT: Fate = { outcome: null, request: null, without: null, trouble: null };

/** What is settled without a request; any other outcome has one, or waits for it. */
export const WITHOUT_REQUEST: ReadonlySet<string> = new Set(["resolved", "cancelled", "ignored", "quarantined"]);

/** Whether it is known what became of an alert: it has a request, its own or a storm's, or it needs none. */
export const isSettled = ({ request, without }: Fate): boolean => request !== null || without !== null;

/** Keeps what is known of every alert of a drill. `tell` hears of each change. */
export function track(webhooks: readonly Webhook[], now: () => number, tell: (progress: Progress) => void) {
  const parts = webhooks.map((webhook): Part => {
    return { webhook, alerts: webhook.alerts.map(() => ({ fingerprint: null, fate: UNSENT })), firstMs: null };
  });
  const beganMs = now();
  let [answered, settled, newsMs] = [0, 0, beganMs];
  let firstRequestMs: number | null = null;
  const note = (part: Part, at: number, next: Tracked) => {
    const { fate } = part.alerts[at] as Tracked;
    part.alerts[at] = next;
    const isAnswered = fate.outcome === null && next.fate.outcome !== null;
    const isNews = !isSettled(fate) && isSettled(next.fate);
    if (isAnswered) answered += 1;
    if (isNews) settled += 1;
    if (isAnswered || isNews) newsMs = now();
    if (next.fate.request !== null) firstRequestMs ??= now() - beganMs;
  };
  return {
    parts,
    /** Takes what a webhook was answered. */
    answer(part: Part, answers: readonly Answered[]): void {
      answers.forEach(({ fingerprint, outcome, request }, at) => {
        const without = request === null && WITHOUT_REQUEST.has(outcome) ? outcome : null;
        note(part, at, { fingerprint, fate: { outcome, request, without, trouble: null } });
      });
      tell({ answered, settled, trouble: null });
    },
    /** Takes what a receipt told. */
    trace(part: Part, at: number, { request, without }: Traced): void {
      const { fingerprint, fate } = part.alerts[at] as Tracked;
      note(part, at, { fingerprint, fate: { ...fate, request, without, trouble: null } });
      tell({ answered, settled, trouble: null });
    },
    /** Takes what was in the way of some alerts of a webhook. */
    trouble(part: Part, ats: Iterable<number>, trouble: string): void {
      for (const at of ats) {
        const { fingerprint, fate } = part.alerts[at] as Tracked;
        part.alerts[at] = { fingerprint, fate: { ...fate, trouble } };
      }
      tell({ answered, settled, trouble });
    },
    sinceBeganMs: () => now() - beganMs,
    sinceNewsMs: () => now() - newsMs,
    firstRequestMs: () => firstRequestMs,
  };
}
