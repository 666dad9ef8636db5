import { type Again, type Answered, Refused, type Traced } from "./gateway.ts";
import { type Fate, isSettled, type Part, type Progress, track } from "./track.ts";
import type { Webhook } from "./webhooks.ts";

export interface World {
  /** Sends one webhook; the answers in the order of its alerts. Throws `Refused`. */
  deliver(webhook: Webhook): Promise<readonly Answered[] | Again>;
  /** Reads an alert's receipt. Throws `Refused`. */
  look(fingerprint: string): Promise<Traced | Again>;
  /** Elapsed ms of any clock. */
  now(): number;
  pause(ms: number): Promise<void>;
}

export interface Drill {
  readonly fates: readonly Fate[];
  readonly webhooks: number;
  /** Until every webhook was sent once. */
  readonly sentMs: number;
  /** From the first sending until a first request was known; null: there is none. */
  readonly firstRequestMs: number | null;
}

/** A gateway knows a delivery again for two minutes after it first saw it; one that is sent later would be another one. */
const RESENT_MS = 100_000;

/** Between two looks, and between two tries of what failed. */
const AGAIN_MS = 500;

/** Receipts that are asked for at a time. */
const LOOKS_AT_ONCE = 16;

interface Options {
  /** Ends a drill of which nothing is heard any more. */
  readonly waitMs: number;
  readonly tell: (progress: Progress) => void;
}

/**
 * Sends every webhook, and again what nobody answered, as Alertmanager does, and follows the receipts of those alerts whose answer named no request.
 * Ends when each is settled, or when nothing new was heard for `waitMs`. Throws `Refused` where a delivery was; a refused look only ends the following.
 */
export async function sendStorm(webhooks: readonly Webhook[], world: World, { waitMs, tell }: Options): Promise<Drill> {
  const book = track(webhooks, world.now, tell);
  let sentMs: number | null = null;
  let blind = false;
  for (;;) {
    for (const part of unanswered(book.parts, world.now())) {
      part.firstMs ??= world.now();
      const answer = await world.deliver(part.webhook);
      if ("trouble" in answer) book.trouble(part, part.alerts.keys(), answer.trouble);
      else book.answer(part, answer);
    }
    sentMs ??= book.sinceBeganMs();
    await atOnce(waiting(book.parts), async ({ part, at, fingerprint }) => {
      if (blind) return;
      const traced = await world.look(fingerprint).catch((error: unknown): Again => {
        if (!(error instanceof Refused)) throw error;
        blind = true;
        return { trouble: error.message };
      });
      if ("trouble" in traced) book.trouble(part, [at], traced.trouble);
      else book.trace(part, at, traced);
    });
    const left = unanswered(book.parts, world.now()).length + (blind ? 0 : waiting(book.parts).length);
    if (left === 0 || book.sinceNewsMs() >= waitMs) break;
    await world.pause(AGAIN_MS);
  }
  const fates = book.parts.flatMap(({ alerts }) => alerts.map(({ fate }) => fate));
  return { fates, webhooks: webhooks.length, sentMs, firstRequestMs: book.firstRequestMs() };
}

/** What is worth sending now. */
const unanswered = (parts: readonly Part[], nowMs: number): Part[] =>
  parts.filter(
    ({ alerts, firstMs }) => alerts.some(({ fate }) => fate.outcome === null) && (firstMs === null || nowMs - firstMs < RESENT_MS),
  );

const waiting = (parts: readonly Part[]) =>
  parts.flatMap((part) =>
    part.alerts.flatMap(({ fingerprint, fate }, at) => (fingerprint === null || isSettled(fate) ? [] : [{ part, at, fingerprint }])),
  );

async function atOnce<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const left = items.values();
  const next = async () => {
    for (const item of left) await work(item);
  };
  await Promise.all(Array.from({ length: LOOKS_AT_ONCE }, next));
}
