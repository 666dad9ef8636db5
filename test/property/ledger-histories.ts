import { expect } from "vitest";
import { identityOf } from "../../src/domain/delivery.ts";
import type { WindowRules } from "../../src/domain/window-rules.ts";
import { dryPorts } from "../../src/flows/dry-run.ts";
import { ingestAlerts } from "../../src/flows/ingest-alerts.ts";
import type { Ledger, Verdict } from "../../src/ports/ledger.ts";
import { call, fingerprint, firing, GROUP, WINDOW_RULES } from "../support/ledger-builders.ts";
import type { History } from "./ledger-steps.ts";
import { openWorld, requestsOf, requestsWith, type WorldLedger } from "./ledger-world.ts";

/** At rest a fingerprint has one live request at most, and where no request ever ends, its count is that of the deliveries answered. */
export async function accountsForEverything(history: History, open: (nowMs: () => number) => WorldLedger, exact: boolean): Promise<void> {
  const world = openWorld(open);
  for (const one of history) await world.step(one);
  await world.settle();
  for (const name of ["x", "y"]) {
    const requests = requestsOf(world.writer, name);
    expect(requests.filter(({ ended }) => !ended).length, `live requests of ${name}`).toBeLessThanOrEqual(1);
    const counted = requests.reduce((sum, { occurrenceCount }) => sum + occurrenceCount, 0);
    const heard = world.heard.filter((fired) => fired.has(fingerprint(name))).length;
    if (exact) expect(counted, `occurrences of ${name}`).toBe(heard);
    const since = world.firing.get(fingerprint(name));
    const cared = requests.some(({ ended, endedAtMs }) => !ended || (endedAtMs ?? 0) >= (since ?? 0));
    const removed = history.some((one) => one.kind === "remove" && one.word === name);
    if (since !== undefined && !removed) expect(cared, `a request for ${name}, which fires`).toBe(true);
    if (!removed) expect(counted, `occurrences of ${name}`).toBeGreaterThanOrEqual(heard);
  }
}

/** Another ledger gives the reference's answers to a whole history. */
export async function agrees(
  history: History,
  reference: (nowMs: () => number) => Ledger,
  open: (nowMs: () => number) => WorldLedger,
  rules: WindowRules | null = null,
): Promise<void> {
  const [left, right] = [openWorld(reference, rules), openWorld(open, rules)];
  for (const one of history) expect(await right.step(one)).toEqual(await left.step(one));
  expect(await sightsOf(right.ledger())).toEqual(await sightsOf(left.ledger()));
  await Promise.all([left.settle(), right.settle()]);
  expect(await sightsOf(right.ledger())).toEqual(await sightsOf(left.ledger()));
}

/** All that people can read of a ledger. */
async function sightsOf(ledger: Ledger) {
  const words = ["x", "y", "z", "v"];
  const alerts = words.map((name) => ({ fingerprint: fingerprint(name), group: GROUP }));
  const { windows, total } = await ledger.windows(0, 50);
  return {
    ...{ windows, total, crews: await Promise.all(windows.map(({ subject }) => ledger.window(subject, 0, 50))) },
    receipts: await Promise.all(alerts.map((one) => ledger.receipt(one))),
    foreseen: (
      await ledger.foresee(
        call(
          words.map((word) => firing(word)),
          { operation: "f".repeat(32) },
        ),
      )
    ).map(answerTo),
    letters: await ledger.deadLetters(0, 10),
    ...{ counters: await ledger.counters(), survey: await ledger.survey() },
  };
}

/** At rest, whoever fires has a request that was live when it last fired, or a letter that tells why not; once that is replayed, a request it has. */
export async function keepsLettersFor(
  history: History,
  open: (nowMs: () => number) => WorldLedger,
  rules: WindowRules | null,
): Promise<void> {
  const world = openWorld(open, rules);
  const discarded = new Set<string>();
  for (const one of history) {
    await world.step(one);
    if (one.kind === "letter" && one.act === "discard") discarded.add(one.word);
  }
  await world.settle();
  const caring = (name: string, since: number) =>
    requestsWith(world.writer, name).some(({ ended, endedAtMs }) => !ended || (endedAtMs ?? 0) >= since);
  const words = ["x", "y", "z", "v"];
  const firing = words.filter((name) => world.firing.has(fingerprint(name)) && !discarded.has(name));
  for (const name of firing) {
    const kept = (await world.ledger().deadLetter(fingerprint(name))) !== null;
    expect(kept || caring(name, world.firing.get(fingerprint(name)) ?? 0), `a request or a letter for ${name}, which fires`).toBe(true);
  }
  for (const name of words) await world.ledger().replay(fingerprint(name));
  await world.settle();
  expect((await world.ledger().survey()).deadLetters).toEqual({ invalid: 0, refused: 0, exhausted: 0 });
  for (const name of firing)
    expect(caring(name, world.firing.get(fingerprint(name)) ?? 0), `a request for ${name}, which fires`).toBe(true);
}

/**
 * At rest, whoever fires has somebody who cares: a request of its own or a storm's, which was live when it last fired. Nobody has two live
 * requests of its own, and every alert that was answered is accounted for. A store that loses what it held takes with it who was nowhere else.
 */
export async function caresForEverybody(history: History, open: (nowMs: () => number) => WorldLedger): Promise<void> {
  const world = openWorld(open, WINDOW_RULES);
  for (const one of history) await world.step(one);
  await world.settle();
  for (const name of ["x", "y", "z", "v"]) {
    const own = requestsOf(world.writer, name).filter(({ ended }) => !ended);
    expect(own.length, `live requests of ${name}`).toBeLessThanOrEqual(1);
    const since = world.firing.get(fingerprint(name));
    if (since === undefined || history.some((one) => one.kind === "remove")) continue;
    const cared = requestsWith(world.writer, name).some(({ ended, endedAtMs }) => !ended || (endedAtMs ?? 0) >= since);
    expect(cared, `a request for ${name}, which fires`).toBe(true);
  }
  const { openIntents, buffered } = await world.ledger().survey();
  expect({ openIntents, buffered }).toEqual({ openIntents: 0, buffered: 0 });
}

/** What a sender reads of a verdict before a request is made for it. */
function answerTo(verdict: Verdict): string {
  if (verdict.kind !== "settled" && verdict.kind !== "ensure") return verdict.kind;
  const { kind, reason, occurrences } = verdict;
  const made = reason === "threshold-reached" ? "aggregated" : reason === "request-retried" ? "quarantined" : "accepted";
  return `${kind === "settled" ? verdict.outcome : made} ${reason} ${occurrences}`;
}

/** A dry run names, for each alert, the verdict that the ledger gives on it when the same delivery comes next, where no call of either is lost. */
export async function foreseesAll(history: History, open: (nowMs: () => number) => WorldLedger, rules: WindowRules | null): Promise<void> {
  const ingest: typeof ingestAlerts = async (ports, posted) => {
    const dry = await ingestAlerts(dryPorts(ports), posted);
    const verdicts = new Map<string, string>();
    const admit: Ledger["admit"] = async (call) => {
      const answered = await ports.ledger.admit(call);
      for (const [at, { identity }] of call.alerts.entries()) verdicts.set(identity, answerTo(answered[at] as Verdict));
      return answered;
    };
    const ingested = await ingestAlerts({ ...ports, ledger: { ...ports.ledger, admit } }, posted);
    const told =
      dry.kind === "decided" ? dry.results.map(({ outcome, reason, occurrenceCount }) => `${outcome} ${reason} ${occurrenceCount}`) : [];
    expect(told).toEqual(posted.alerts.map((alert) => verdicts.get(identityOf(alert))));
    return ingested;
  };
  const world = openWorld(open, rules, ingest);
  for (const one of history) await world.step(one.kind === "post" ? { ...one, admit: "works", write: "works", confirm: "works" } : one);
}
