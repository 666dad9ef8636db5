import type { Webhook } from "./webhooks.ts";

/** What a gateway answered about one alert; of an ingest answer's results, what a drill needs. */
export interface Answered {
  readonly outcome: string;
  /** `namespace/name`; null: none yet, or none at all. */
  readonly request: string | null;
}

export interface World {
  /** Sends one webhook; null where it has to be sent again (5xx, or no answer). Throws what cannot be mended by sending it again. */
  deliver(webhook: Webhook): Promise<readonly Answered[] | null>;
  /** Elapsed ms of any clock. */
  now(): number;
  pause(ms: number): Promise<void>;
}

export interface Drill {
  /** Of every alert, the latest answer; null: never answered. */
  readonly answers: readonly (Answered | null)[];
  /** From the first sending until a first request was known; null: there is none. */
  readonly firstRequestMs: number | null;
  readonly tookMs: number;
}

/** A gateway knows a delivery again for two minutes; a drill that follows its alerts for longer would send new ones. */
const FOLLOWED_MS = 100_000;

/** Between two looks, and between two tries of what failed. */
const AGAIN_MS = 1_000;

/** What waits for something else to happen; any other outcome is final. */
const WAITING: ReadonlySet<string> = new Set(["accepted", "buffered"]);

const isSettled = (answer: Answered | null): boolean => answer !== null && (answer.request !== null || !WAITING.has(answer.outcome));

/**
 * Sends every webhook, and again what nobody answered, as Alertmanager does; then asks after alerts that wait still by delivering
 * their webhook once more, which changes nothing. Ends when each alert is settled, or after FOLLOWED_MS. `tell` hears how many are.
 */
export async function sendStorm(
  webhooks: readonly Webhook[],
  world: World,
  tell: (answered: number, settled: number) => void,
): Promise<Drill> {
  const beganMs = world.now();
  const answers: (readonly Answered[] | null)[] = webhooks.map(() => null);
  let firstRequestMs: number | null = null;
  const alerts = () => webhooks.flatMap(({ alerts: sent }, at) => sent.map((_, index) => answers[at]?.[index] ?? null));
  for (let round = 0; round === 0 || world.now() - beganMs < FOLLOWED_MS; round++) {
    for (const [at, webhook] of webhooks.entries()) {
      if (answers[at]?.every(isSettled)) continue;
      answers[at] = (await world.deliver(webhook)) ?? answers[at] ?? null;
      if (answers[at]?.some(({ request }) => request !== null)) firstRequestMs ??= world.now() - beganMs;
      tell(alerts().filter((answer) => answer !== null).length, alerts().filter(isSettled).length);
    }
    if (alerts().every(isSettled)) break;
    await world.pause(AGAIN_MS);
  }
  return { answers: alerts(), firstRequestMs, tookMs: world.now() - beganMs };
}
