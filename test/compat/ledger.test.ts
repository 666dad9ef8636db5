import { readFileSync } from "node:fs";
import { beforeEach, describe, expect, it } from "vitest";
import { DEAD_LETTER_LIFE_MS } from "../../src/domain/ledger-limits.ts";
import type { Ledger } from "../../src/ports/ledger.ts";
import { told } from "../contract/ledger-storm-bench.ts";
import { openEmbeddedStore } from "../support/embedded-ledger.ts";
import { call, ensured, fingerprint, firing, invalid, RULES, resolved, seen } from "../support/ledger-builders.ts";
import { stormEnsured, stormy } from "../support/storm-builders.ts";

/** All that the first version, with its Lua in template strings, had left in a Redis: a command a line, as it would have to be filled again. */
const LEFT = readFileSync("test/compat/ledger-0.1.0.jsonl", "utf8");

/** When that was, Unix ms. */
const LEFT_AT_MS = 1_800_000_001_000;

/** A storm whose threshold was reached, and whose request was not yet made. */
const UNMADE = { subject: `${"8".repeat(64)}.${"b0000".padStart(32, "0")}`, intent: `${"b".padStart(32, "0")}-2` };

/** A delivery whose gateway died before it answered. */
const REPEATED = "d".repeat(32);

describe("a Redis that version 0.1.0 has filled", () => {
  let store: ReturnType<typeof openEmbeddedStore>;
  let ledger: Ledger;
  let now = 0;
  const later = (ms: number) => {
    now += ms;
  };
  /** By an operation that the version before cannot have used. */
  const admit = async (...alerts: Parameters<typeof call>[0]) =>
    (await ledger.admit(call(alerts, { operation: "f".repeat(32) }))).map(told);

  beforeEach(async () => {
    now = LEFT_AT_MS;
    store = openEmbeddedStore(RULES, () => now);
    ledger = store.ledger;
    for (const line of LEFT.trim().split("\n")) await store.run(...(JSON.parse(line) as string[]));
  });

  it("hands out every open intent and every count that is owed", async () => {
    later(RULES.leaseMs);
    const { intents, counts } = await ledger.lease(100);
    expect(intents.map(({ subject, intent, draft }) => [subject, intent, draft?.spec.signalName])).toEqual([
      [fingerprint("open"), `${REPEATED}-0`, "open"],
      [UNMADE.subject, UNMADE.intent, undefined],
    ]);
    expect((await ledger.crew(UNMADE.subject, UNMADE.intent, 0, 10))?.members).toHaveLength(3);
    const owed = counts.map(({ request, count, resolvedAtMs, through }) => [request.name, count, resolvedAtMs, through]);
    expect(owed).toEqual([
      ["rr-live-1", 3, null, 0],
      ["rr-calm-1", 1, LEFT_AT_MS, 0],
      [expect.stringMatching(/^rr-storm-/), 5, null, 5],
    ]);
  });

  it("counts repeats on what is live, and starts anew what is over", async () => {
    expect(await admit(firing("live"), resolved("live"), firing("over"), firing("calm", { startsAtMs: 2_000 }))).toEqual([
      "duplicate request-live",
      "resolved last-instance-resolved",
      "ensure request-ended",
      "duplicate request-live",
    ]);
    expect((await ledger.receipt({ fingerprint: fingerprint("live") }))?.occurrences).toBe(4);
  });

  it("owes a request what has risen above its draft, and nothing where nothing has", async () => {
    later(RULES.leaseMs);
    const urgent = (word: string, over = {}) => {
      const alert = firing(word, over);
      return { ...alert, draft: alert.draft && { ...alert.draft, spec: { ...alert.draft.spec, severity: "critical" as const } } };
    };
    expect((await ledger.lease(100)).counts.map(({ urgency }) => urgency)).toEqual([null, null, null]);
    await admit(urgent("live"), stormy("s6"), { ...urgent("s1"), windowRules: stormy("s1").windowRules });
    later(RULES.leaseMs);
    const owed = (await ledger.lease(100)).counts.map(({ request, urgency }) => [request.name, urgency?.severity]);
    expect(owed).toEqual([
      ["rr-calm-1", undefined],
      ["rr-live-1", "critical"],
      [expect.stringMatching(/^rr-storm-/), "critical"],
    ]);
  });

  it("brings a waiting window to its threshold, and a storm another member", async () => {
    expect(await admit(stormy("w3", { group: "7".repeat(64) }), stormy("s6"))).toEqual([
      "ensure threshold-reached",
      "appended storm-joined",
    ]);
    expect((await ledger.windows(0, 10)).windows.map(({ members, state }) => [members, state]).toSorted()).toEqual([
      [3, "pending"],
      [3, "pending"],
      [6, "live"],
    ]);
  });

  it("gives who waited below a threshold an intent each", async () => {
    later(45_000);
    await ledger.sweep({ operation: "e".repeat(32), limit: 100 });
    const { intents } = await ledger.lease(100);
    expect(intents.map(({ draft }) => draft?.spec.signalName).toSorted()).toEqual(["open", "w1", "w2", undefined]);
  });

  it("answers a delivery that comes again as the first time", async () => {
    expect(await ledger.admit(call([firing("open")], { operation: "f".repeat(32), delivery: REPEATED }))).toMatchObject([
      { kind: "settled", outcome: "accepted", reason: "new" },
    ]);
  });

  it("takes facts about what it made: an end, and the request of a storm", async () => {
    const ends = [
      seen("live", { resourceVersion: "200", phase: "Completed", ended: true, endedAtMs: LEFT_AT_MS }),
      stormEnsured(UNMADE.subject, UNMADE.intent),
      ensured("open", `${REPEATED}-0`),
    ];
    later(1_000);
    expect((await ledger.fact(ends)).map(({ kind }) => kind)).not.toContain("dropped");
    expect(await admit(firing("live"), stormy("p1", { group: "8".repeat(64) }), firing("open"))).toEqual([
      "ensure request-ended",
      "duplicate request-live",
      "duplicate request-live",
    ]);
  });

  it("shows its dead letters, and makes the request of one that is replayed", async () => {
    const { letters } = await ledger.deadLetters(0, 10);
    expect(letters.map(({ kind, reason }) => [kind, reason]).toSorted()).toEqual([
      ["invalid", "alertname-missing"],
      ["refused", "invalid"],
    ]);
    expect(await ledger.replay(fingerprint("dead"))).toBe("opened");
    expect((await ledger.lease(100)).intents.map(({ subject }) => subject)).toContain(fingerprint("dead"));
  });

  it("reads, discards and forgets letters of invalid alerts where it kept them, beside those of now", async () => {
    const former = { id: fingerprint("bad"), kind: "invalid", source: "test", count: 1, payload: '{"bad":true}' };
    expect([await ledger.deadLetter(former.id), await ledger.replay(former.id)]).toMatchObject([former, "invalid"]);
    expect(await admit(invalid("now"))).toEqual(["quarantined alertname-missing"]);
    expect((await ledger.survey()).deadLetters.invalid).toBe(2);
    later(DEAD_LETTER_LIFE_MS - 1);
    expect(await ledger.deadLetter(former.id)).not.toBeNull();
    later(1);
    expect([await ledger.deadLetter(former.id), (await ledger.deadLetters(0, 10)).total]).toEqual([null, 0]);
  });

  it("discards them one by one, and with others", async () => {
    const meant = { kind: "invalid", source: "test" } as const;
    const { ids } = await ledger.findLetters(meant, 10);
    expect([ids, await ledger.discardLetters(ids, meant), await ledger.discard(fingerprint("bad"))]).toEqual([
      [fingerprint("bad")],
      1,
      false,
    ]);
    expect((await ledger.deadLetters(0, 10)).letters.map(({ kind }) => kind)).toEqual(["refused"]);
    expect(await store.run("EXISTS", `bw1:{store}:letter:${fingerprint("bad")}`)).toBe(0);
  });

  it("goes on with its totals", async () => {
    await admit(firing("live"));
    expect(await ledger.counters()).toMatchObject({ alerts_received: 20, requests_created: 4, storms_detected: 2 });
    expect(await ledger.survey()).toMatchObject({ openIntents: 2, buffered: 2, deadLetters: { invalid: 1, refused: 1, exhausted: 0 } });
  });
});
