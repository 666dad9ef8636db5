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

  it("answers 5,000 different problems in one payload within 10 s; what that was too short for, a repeat finishes", {
    timeout: 60_000,
  }, async () => {
    const payload = webhook(
      Array.from({ length: 5_000 }, () => alertIn(client().target.namespace)),
      { groupKey: fresh() },
    );
    const send = async () => {
      const startedMs = performance.now();
      const answer = await client().post(PROMETHEUS, payload);
      expect(performance.now() - startedMs).toBeLessThan(10_000);
      return answer;
    };
    let answer = await send();
    for (let repeats = 0; answer.status === 503 && repeats < 2; repeats += 1) answer = await send();
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
