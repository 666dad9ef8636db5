// Days of a cluster that is well, on a virtual clock: whatever its alerts look like, no rule turns a feature off, and none is blind.
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { VOTES_LEAST } from "../../src/domain/ledger-limits.ts";
import type { AdmitAlert, Fact, RolledBack, RuleSight, Subject } from "../../src/ports/ledger.ts";
import { openEmbeddedLedger } from "../support/embedded-ledger.ts";
import { call, firing, RULES, stateOf } from "../support/ledger-builders.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** What storms are units of, beside their requests. */
const STORMY = ["collisions", "api-load", "failed-updates", "cost-reduction", "aggregation", "buffer-hits", "expirations", "bypassing"];

/** Between two rounds of the drain. */
const ROUND = 30 * SECOND;

interface Days {
  /** How long requests live. */
  readonly lifeMs?: number;
  /** Whether a watch vouches for states. */
  readonly watched?: boolean;
  readonly roundMs?: number;
}

/** A cluster with one gateway, whose requests are made at once and end after their life. */
function openDays({ lifeMs = 10 * MINUTE, watched = true, roundMs = ROUND }: Days = {}) {
  let now = 1_800_000_000_000;
  const limits = { intentsMax: 100_000, windowAlertsMax: 1_000, bufferedMax: { perNamespace: 10_000, total: 10_000 } };
  const ledger = openEmbeddedLedger({ ...RULES, ...limits }, () => now);
  const live = new Map<Subject, { readonly intent: string; readonly bornMs: number }>();
  const rolledBack: RolledBack[] = [];
  const session = watched ? "watch" : null;
  const stateFor = (intent: string, over: Parameters<typeof stateOf>[1] = {}) =>
    stateOf("", { name: `rr-${intent}`, uid: `uid-${intent}`, intent, session, ...over });
  const ensured = (subject: Subject, intent: string): Fact => {
    live.set(subject, { intent, bornMs: now });
    const told = { otherOccurrences: 0, takenBack: [], agoMs: 0, adopted: null, requests: 1 };
    return { kind: "ensured", subject, intent, outcome: "created", state: stateFor(intent), ...told };
  };
  const seen = (subject: Subject): Fact => {
    const state = stateFor(live.get(subject)?.intent ?? "");
    return { kind: "seen", subject, state, shown: null, agoMs: 0, requests: 1 };
  };
  const drain = async () => {
    for (;;) {
      const lease = await ledger.lease(100);
      rolledBack.push(...lease.rolledBack);
      if (lease.sweepDue) await ledger.sweep({ operation: call([]).operation, limit: 500 });
      else if (lease.intents.length + lease.counts.length === 0) return;
      await ledger.fact(lease.intents.map(({ subject, intent }) => ensured(subject, intent)));
      const recorded = lease.counts.map(({ mark, count, resolvedAtMs, through, storm }) => {
        const shows = storm && { through, members: through, closed: storm.closedAtMs !== null };
        return { kind: "recorded", mark, count, resolvedAtMs, resourceVersion: "200", storm: shows } as const;
      });
      await ledger.settle(recorded);
    }
  };
  const endOld = async () => {
    const over = [...live].filter(([, { bornMs }]) => now - bornMs >= lifeMs);
    const ends = over.map(([subject, { intent }]): Fact => {
      live.delete(subject);
      const state = stateFor(intent, { resourceVersion: "900", phase: "Completed", ended: true, endedAtMs: now });
      return { kind: "seen", subject, state, shown: null, agoMs: 0 };
    });
    await ledger.fact(ends);
  };
  return {
    /** One delivery, and what it leads to at once. */
    async deliver(alerts: readonly AdmitAlert[]): Promise<void> {
      const delivery = call([]).operation;
      let facts: Fact[] = [];
      for (let waiting = alerts; waiting.length > 0; ) {
        const verdicts = await ledger.admit(call(waiting, { delivery, facts }));
        const checks = verdicts.flatMap((verdict, at) => (verdict.kind === "check" ? [{ verdict, alert: waiting[at] as AdmitAlert }] : []));
        await ledger.fact(verdicts.flatMap((verdict) => (verdict.kind === "ensure" ? [ensured(verdict.subject, verdict.intent)] : [])));
        facts = checks.map(({ verdict }) => seen(verdict.subject));
        waiting = checks.map(({ alert }) => alert);
      }
    },
    async pass(ms: number): Promise<void> {
      for (const endMs = now + ms; now < endMs; ) {
        now = Math.min(endMs, now + roundMs);
        if (watched) await ledger.heartbeat("watch");
        await endOld();
        await drain();
      }
    },
    async verdict(): Promise<{
      readonly rolledBack: readonly RolledBack[];
      readonly blind: string[];
      readonly rules: readonly RuleSight[];
    }> {
      const { rules } = await ledger.flags();
      return { rolledBack, blind: rules.flatMap(({ rule, blind }) => (blind ? [rule] : [])), rules };
    },
  };
}

let groups = 0;
/** Alerts of a group of their own, that wait for each other. */
function groupOf(alerts: number, threshold = 5): AdmitAlert[] {
  groups += 1;
  const group = createHash("sha256").update(`${groups}`).digest("hex");
  const windowRules = { threshold, firstRequestMs: 45 * SECOND, joinMs: 10 * MINUTE };
  return Array.from({ length: alerts }, (_, at) => firing(`g${groups}-${at}`, { group, windowRules }));
}

describe("a healthy cluster keeps its features, and every rule sees what it is about", { timeout: 300_000 }, () => {
  /** `judged`: the rules that have had enough votes to pass. */
  const isWell = async (days: ReturnType<typeof openDays>, judged: readonly string[]) => {
    const { rolledBack, blind, rules } = await days.verdict();
    expect({ rolledBack, blind }).toEqual({ rolledBack: [], blind: [] });
    expect(rules.filter(({ votes }) => votes >= VOTES_LEAST).map(({ rule }) => rule)).toEqual(judged);
    expect(rules.filter(({ mean, limit }) => (mean ?? 0) > limit + 1e-9)).toEqual([]);
    expect(rules.map(({ evidence }) => evidence < 10)).not.toContain(false);
  };

  it("with 1,000 unrelated lone alerts", async () => {
    const days = openDays();
    for (let at = 0; at < 200; at += 1) {
      await days.deliver([1, 2, 3, 4, 5].flatMap(() => groupOf(1)));
      await days.pass(MINUTE);
    }
    await isWell(days, ["collisions", "api-load", "bypassing"]);
  });

  it("through a day of pairs", async () => {
    const days = openDays();
    for (let at = 0; at < 24 * 6; at += 1) {
      await days.deliver(groupOf(2));
      await days.pass(10 * MINUTE);
    }
    await isWell(days, ["collisions", "api-load", "bypassing"]);
  });

  it("through a day without repeats", async () => {
    const days = openDays();
    for (let at = 0; at < 24 * 12; at += 1) {
      await days.deliver([{ ...groupOf(1)[0], windowRules: null } as AdmitAlert]);
      await days.pass(5 * MINUTE);
    }
    await isWell(days, ["collisions", "api-load"]);
  });

  it.each([true, false])("through a day of repeats every 15 min, with a watch: %s", async (watched) => {
    const days = openDays({ lifeMs: 48 * HOUR, watched });
    const alerts = [1, 2, 3].flatMap(() => groupOf(1));
    for (let at = 0; at < 24 * 4; at += 1) {
      await days.deliver(alerts);
      await days.pass(15 * MINUTE);
    }
    await isWell(days, watched ? ["accuracy", "state-known", "failed-updates"] : ["api-load", "failed-updates"]);
  });

  it("through a month of nothing", async () => {
    const days = openDays({ roundMs: 10 * MINUTE });
    await days.pass(30 * 24 * HOUR);
    await isWell(days, []);
  });

  it("with storms of exactly the threshold", async () => {
    const days = openDays({ lifeMs: 30 * MINUTE });
    for (let at = 0; at < 100; at += 1) {
      await days.deliver(groupOf(5));
      await days.pass(7 * MINUTE);
    }
    await isWell(days, STORMY);
  });

  it("with storms of thresholds from 2 to 20", async () => {
    const days = openDays({ lifeMs: 30 * MINUTE });
    for (let at = 0; at < 100; at += 1) {
      const threshold = 2 + (at % 19);
      await days.deliver(groupOf(threshold, threshold));
      await days.pass(7 * MINUTE);
    }
    await isWell(days, STORMY);
  });
});
