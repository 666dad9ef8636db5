import { expect, it } from "vitest";
import { type Client, DEAD_LETTERS, PROMETHEUS } from "../client.ts";
import { alertIn, fresh, MARKER, webhook } from "../payloads.ts";

const WITH_REQUEST = ["created", "accepted", "duplicate"];

/** What is left after all other cases: exactly what their answers said, and a gateway that works. */
export function aftermathCases(client: () => Client): void {
  it("has every dead letter that an answer spoke of, as often as it said, and no other", { timeout: 30_000 }, async () => {
    const told = new Map<string, number>();
    for (const { outcome, fingerprint, occurrenceCount } of client().results)
      if (outcome === "quarantined") told.set(fingerprint, Math.max(told.get(fingerprint) ?? 0, occurrenceCount));
    const kept = new Map<string, number>();
    for (let offset = 0; ; offset += 500) {
      const answer = await client().administer(`${DEAD_LETTERS}?offset=${offset}&limit=500`);
      const { total, deadLetters } = answer.json as { total: number; deadLetters: { id: string; count: number }[] };
      for (const { id, count } of deadLetters) kept.set(id, count);
      if (offset + 500 >= total) break;
    }
    expect(told.size).toBeGreaterThan(20);
    expect(kept).toEqual(told);
  });

  it("has one request for each alert that was to have one, with the count it was told, and no other", { timeout: 60_000 }, async () => {
    const told = new Map<string, number>();
    for (const { outcome, fingerprint, occurrenceCount } of client().results)
      if (WITH_REQUEST.includes(outcome)) told.set(fingerprint, Math.max(told.get(fingerprint) ?? 0, occurrenceCount));
    const { namespace, fallbackNamespace, requests, settle } = client().target;
    await settle();
    const counts = async () => {
      const objects = [...(await requests(namespace)), ...(await requests(fallbackNamespace))];
      const counted = objects.map(({ spec, status }) => `${spec.signalFingerprint} ${status?.deduplication?.occurrenceCount ?? 1}`);
      return counted.sort();
    };
    expect(told.size).toBeGreaterThan(50);
    const expected = [...told].map(([fingerprint, count]) => `${fingerprint} ${count}`).sort();
    await expect.poll(counts, { timeout: 50_000, interval: 500 }).toEqual(expected);
  });

  /** As Alertmanager does: what an answer's time was too short for, the next sendings of the same finish. Each is answered within 10 s. */
  const deliver = async (alerts: readonly unknown[]) => {
    const payload = webhook(alerts, { groupKey: fresh() });
    for (let sendings = 1; ; sendings += 1) {
      const startedMs = performance.now();
      const answer = await client().post(PROMETHEUS, payload);
      expect(performance.now() - startedMs).toBeLessThan(10_000);
      if (answer.status !== 503 || sendings === 5) return answer;
    }
  };

  it("takes 5,000 instances of 25 problems, each counted once", { timeout: 60_000 }, async () => {
    const pods = Array.from({ length: 25 }, fresh);
    const instanceOf = (_: unknown, at: number) =>
      alertIn(client().target.namespace, { pod: pods[at % 25] ?? "", instance: `10.0.0.${at}` });
    const { status, results } = await deliver(Array.from({ length: 5_000 }, instanceOf));
    expect([status, results.length]).toEqual([expect.toSatisfy((code) => code === 201 || code === 202), 5_000]);
    expect(new Set(results.map(({ fingerprint }) => fingerprint)).size).toBe(25);
    expect(Math.max(...results.map(({ occurrenceCount }) => occurrenceCount))).toBe(1);
  });

  it("answers 5,000 different problems in one payload", { timeout: 60_000 }, async () => {
    const answer = await deliver(Array.from({ length: 5_000 }, () => alertIn(client().target.namespace)));
    expect([201, 202]).toContain(answer.status);
    expect(new Set(answer.results.map(({ fingerprint }) => fingerprint)).size).toBe(5_000);
    expect(answer.results.filter(({ outcome }) => outcome !== "created" && outcome !== "accepted")).toEqual([]);
  });

  it("is alive, ready and takes alerts as before", async () => {
    expect((await client().send("/health")).status).toBe(200);
    expect((await client().send("/ready")).status).toBe(200);
    const answer = await client().post(PROMETHEUS, webhook([alertIn(client().target.namespace)]));
    expect([answer.status, answer.results]).toMatchObject([
      expect.toSatisfy((status) => status === 201 || status === 202),
      [{ occurrenceCount: 1 }],
    ]);
  });

  it("has logged no payload and no token", () => {
    const { output, sourceToken, narrowToken, readToken } = client().target;
    const logged = output();
    expect(logged).not.toContain(MARKER);
    expect([sourceToken, narrowToken, readToken].filter((token) => token !== null && logged.includes(token))).toEqual([]);
  });
}
