/** How long an answer about readiness holds: probes come every few seconds, from several sides. */
const KEPT_MS = 10_000;

/** The same check, made at most once at a time and once in 10 s, however many ask. `now`: Unix ms. */
export function keptAnswer<T>(check: () => Promise<T>, now: () => number): () => Promise<T> {
  let answer: Promise<T> | undefined;
  let untilMs = 0;
  return () => {
    if (answer && now() < untilMs) return answer;
    untilMs = Number.POSITIVE_INFINITY;
    const keep = () => {
      untilMs = now() + KEPT_MS;
    };
    answer = check();
    void answer.then(keep, keep);
    return answer;
  };
}

/** The same where nobody may wait for what another request has begun, as in a Worker: meanwhile the answer before it holds, `first` at first. */
export function keptValue<T>(check: () => Promise<T>, now: () => number, first: T): () => Promise<T> {
  let value = first;
  let untilMs = 0;
  return async () => {
    if (now() < untilMs) return value;
    untilMs = now() + KEPT_MS;
    value = await check();
    return value;
  };
}
