import fc from "fast-check";
import { expect } from "vitest";
import { createMemoryRemediationWriter, type MemoryRequest, type MemoryWriter } from "../../src/adapters/memory/remediation-writer.ts";
import type { Alert } from "../../src/domain/alert.ts";
import { Failure } from "../../src/domain/failure.ts";
import type { Result } from "../../src/domain/outcome.ts";
import { memberId } from "../../src/domain/storm-draft.ts";
import type { WindowRules } from "../../src/domain/window-rules.ts";
import { drainLedger } from "../../src/flows/drain-ledger.ts";
import { ingestAlerts } from "../../src/flows/ingest-alerts.ts";
import type { Ledger } from "../../src/ports/ledger.ts";
import type { RemediationWriter } from "../../src/ports/remediation-writer.ts";
import { draft, fingerprint, GROUP, NOTHING_ASIDE, RULES, STORMS, WINDOW_RULES } from "../support/ledger-builders.ts";

/** How a call goes: as it should, never sent, or done with its reply lost. */
const fate = fc.constantFrom("works", "works", "works", "unsent", "unheard");
type Fate = "works" | "unsent" | "unheard";

const word: fc.Arbitrary<string> = fc.constantFrom("x", "y");
/** As many as make a storm and one more. */
const manyWords: fc.Arbitrary<string> = fc.constantFrom("x", "y", "z", "v");
const alertOf = (words: fc.Arbitrary<string>) =>
  fc.record({
    word: words,
    instance: fc.constantFrom("a", "b"),
    status: fc.constantFrom("firing", "firing", "firing", "resolved"),
    startsAtMs: fc.constantFrom(1_000, 2_000),
  });
const alert = alertOf(word);

/** `delivery` names one of a few, so that some come again; null: a delivery of its own. */
const post = fc.record({
  kind: fc.constant("post" as const),
  delivery: fc.option(fc.constantFrom("1", "2", "3"), { nil: null }),
  alerts: fc.array(alert, { minLength: 1, maxLength: 3 }),
  admit: fate,
  write: fate,
  confirm: fate,
});
const drain = fc.record({ kind: fc.constant("drain" as const), write: fate, confirm: fate });
const wait = fc.record({ kind: fc.constant("wait" as const), ms: fc.constantFrom<number>(1, 1_000, 6_000, 31_000, 130_000) });
/** Two gateways at once, call by call in turn. */
const together = fc.record({
  kind: fc.constant("together" as const),
  steps: fc.array(fc.oneof(post, post, drain), { minLength: 2, maxLength: 3 }),
});
const end = fc.record({ kind: fc.constant("end" as const), word, phase: fc.constantFrom("Completed", "Failed") });
const remove = fc.record({ kind: fc.constant("remove" as const), word });

/** The same with alerts enough for storms. */
const swell = fc.record({
  ...{ kind: fc.constant("post" as const), delivery: fc.option(fc.constantFrom("1", "2", "3"), { nil: null }) },
  alerts: fc.array(alertOf(manyWords), { minLength: 1, maxLength: 5 }),
  ...{ admit: fate, write: fate, confirm: fate },
});
const endAny = fc.record({ kind: fc.constant("end" as const), word: manyWords, phase: fc.constantFrom("Completed", "Failed") });
const removeAny = fc.record({ kind: fc.constant("remove" as const), word: manyWords });
/** To the end of a window, and to that of a storm that nobody joins. */
const waitLong = fc.record({ kind: fc.constant("wait" as const), ms: fc.constantFrom<number>(1, 6_000, 46_000, 130_000, 601_000) });

/** Kubernetes turns a request down for a while, for good or for now, and people deal with what became of it. */
const turnDown = fc.record({
  ...{ kind: fc.constant("turn-down" as const), word },
  how: fc.constantFrom("refused" as const, "refused" as const, "failed" as const, null),
});
const letter = fc.record({ kind: fc.constant("letter" as const), word, act: fc.constantFrom("replay" as const, "discard" as const) });
/** To the next try of a letter, and to the end of an intent's day; longer than an episode is remembered is for other histories. */
const waitDead = fc.record({ kind: fc.constant("wait" as const), ms: fc.constantFrom<number>(1_000, 6_000, 130_000, 301_000) });
const day = fc.record({ kind: fc.constant("day" as const) });

type ValueOf<Arbitrary> = Arbitrary extends fc.Arbitrary<infer Value> ? Value : never;
type Step = ValueOf<
  | typeof turnDown
  | typeof letter
  | typeof day
  | typeof swell
  | typeof drain
  | typeof waitLong
  | typeof togetherAny
  | typeof endAny
  | typeof removeAny
>;
type History = readonly Step[];

const always = [post, post, post, drain, wait];
/** One thing after the other. */
export const sequential: fc.Arbitrary<History> = fc.array(fc.oneof(...always, end, remove), { maxLength: 25 });
/** Requests live for ever, so every occurrence has one place to be counted. */
export const concurrent: fc.Arbitrary<History> = fc.array(fc.oneof(...always, together), { maxLength: 25 });
/** Requests end and are deleted meanwhile. */
export const mortal: fc.Arbitrary<History> = fc.array(fc.oneof(...always, together, end, remove), { maxLength: 25 });

const togetherAny = fc.record({
  kind: fc.constant("together" as const),
  steps: fc.array(fc.oneof(swell, swell, drain), { minLength: 2, maxLength: 3 }),
});
/** Storms, one thing after the other. */
export const stormy: fc.Arbitrary<History> = fc.array(fc.oneof(swell, swell, swell, drain, waitLong, endAny, removeAny), { maxLength: 25 });
/** Storms, several gateways and drains at once. */
export const stormyTogether: fc.Arbitrary<History> = fc.array(
  fc.oneof(swell, swell, swell, drain, waitLong, togetherAny, endAny, removeAny),
  { maxLength: 25 },
);

/** Requests that cannot be made for a while, one thing after the other, and with storms beside them. */
export const deadly: fc.Arbitrary<History> = fc.array(
  fc.oneof(...always, drain, waitDead, waitDead, turnDown, turnDown, letter, day, end),
  { maxLength: 30 },
);
export const deadlyStorms: fc.Arbitrary<History> = fc.array(
  fc.oneof(swell, swell, drain, drain, waitLong, waitDead, turnDown, letter, day, endAny),
  { maxLength: 30 },
);

/** A world of two gateways, one ledger and one cluster, whose calls fail as told. */
export function openWorld(open: (nowMs: () => number) => Ledger, rules: WindowRules | null = null) {
  let now = 1_800_000_000_000;
  let operations = 0;
  const clock = { now: () => now };
  const ledger = open(clock.now);
  const writer = createMemoryRemediationWriter("kubernaut-system", clock);
  const background = { run: (work: Promise<unknown>) => void work.catch(() => {}) };
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const newOperation = () => (++operations).toString(16).padStart(32, "0");
  /** When a delivery was first answered. */
  const firstMs = new Map<string, number>();
  /** What fired in each delivery that was answered; the same one after its time counts as another. */
  const heard: Set<string>[] = [];
  /** When a fingerprint last fired without being resolved since, by what its senders were told. */
  const firing = new Map<string, number>();
  const resolved = new Set<string>();
  let days = 0;

  const ports = (fates: { admit: Fate; write: Fate; confirm: Fate }) => ({
    ledger: {
      ...ledger,
      admit: failing(ledger.admit, fates.admit, "ledger-unavailable"),
      fact: failing(ledger.fact, fates.confirm, "ledger-unavailable"),
      settle: failing(ledger.settle, fates.confirm, "ledger-unavailable"),
    },
    writer: { perform: failing(writer.perform, fates.write, "writer-unavailable") } satisfies RemediationWriter,
    ...{ background, clock, log, newOperation, random: () => 0.5, writerTimeoutMs: 4_000 },
    ...{ storms: STORMS, rulesFor: () => rules },
  });

  const send = async (delivery: string, alerts: readonly Alert[], fates: { admit: Fate; write: Fate; confirm: Fate }) => {
    const ingested = await ingestAlerts(ports(fates), { source: "s", delivery, alerts, ...NOTHING_ASIDE }).catch((error: unknown) => {
      if (!(error instanceof Failure)) throw error;
      return null;
    });
    if (ingested?.kind !== "decided") return null;
    const first = firstMs.get(delivery);
    const again = first !== undefined && now - first < RULES.deliveryTtlMs;
    if (!again) firstMs.set(delivery, now);
    const fired = results(ingested.results, alerts, (alert, outcome) => alert.status === "firing" && outcome !== "ignored");
    if (!again) heard.push(new Set(fired));
    if (!again) for (const whose of fired) firing.set(whose, now);
    for (const whose of results(ingested.results, alerts, (_, outcome) => outcome === "resolved" || outcome === "cancelled"))
      resolved.add(whose);
    return ingested.results;
  };

  /** Of answers given at the same time nobody can tell which was judged first: a resolve among them counts as the last. */
  const step = async (one: Step): Promise<unknown> => {
    const told = await run(one);
    for (const whose of resolved) firing.delete(whose);
    resolved.clear();
    return told;
  };

  const run = async (one: Step): Promise<unknown> => {
    if (one.kind === "together") return Promise.all(one.steps.map(run));
    if (one.kind === "wait") now += one.ms;
    if (one.kind === "end") for (const { uid, ended } of requestsWith(writer, one.word)) if (!ended) writer.setPhase(uid, one.phase, now);
    if (one.kind === "turn-down") writer.turnDown(fingerprint(one.word), one.how);
    if (one.kind === "letter") return ledger[one.act](fingerprint(one.word));
    // Once only: what nobody touches for two is forgotten by a clock of its own.
    if (one.kind === "day" && ++days === 1) now += 24 * 3_600_000;
    if (one.kind === "remove") for (const { uid } of requestsWith(writer, one.word)) writer.remove(uid);
    if (one.kind === "drain") await drainLedger(ports({ ...one, admit: "works" })).catch(() => {});
    if (one.kind !== "post") return null;
    const alerts = one.alerts.map(toAlert);
    // A delivery is its alerts: the same name with other alerts is another one.
    const key =
      one.delivery === null
        ? newOperation()
        : `${one.delivery}${alerts.map(({ instance, status, fingerprint: whose, startsAtMs }) => [instance, status, whose.slice(0, 2), startsAtMs]).join(".")}`;
    const told = await send(key, alerts, one);
    // The sender of a 5xx sends the same again until somebody answers.
    return told ?? send(key, alerts, { admit: "works", write: "works", confirm: "works" });
  };

  /** Everything works again, and time passes until nothing waits. */
  const settle = async () => {
    for (const name of ["x", "y"]) writer.turnDown(fingerprint(name), null);
    for (let round = 0; round < 50; round += 1) {
      now += 61_000;
      const { leased, nextInMs } = await drainLedger(ports({ admit: "works", write: "works", confirm: "works" }));
      if (leased === 0 && nextInMs === null) return;
    }
    expect.fail("the ledger never comes to rest");
  };
  return { ledger, writer, step, settle, heard, firing };
}

const requestsOf = (writer: MemoryWriter, name: string) =>
  writer.list().filter(({ draft: { spec } }) => spec.signalFingerprint === fingerprint(name));

/** Its own, and those of storms that it is in. */
export const requestsWith = (writer: MemoryWriter, name: string) => {
  const id = memberId(fingerprint(name));
  const holds = ({ ids, members }: MemoryRequest) => ids.includes(id) || members.some((line) => line.startsWith(id));
  return [...requestsOf(writer, name), ...writer.list().filter(holds)];
};

const results = (all: readonly Result[], alerts: readonly Alert[], fits: (alert: Alert, outcome: string) => boolean): string[] =>
  all.flatMap(({ outcome, fingerprint: whose }, at) => (fits(alerts[at] as Alert, outcome) ? [whose] : []));

const toAlert = ({ word: name, instance, status, startsAtMs }: ValueOf<typeof alert>): Alert => ({
  kind: "alert",
  fingerprint: fingerprint(name),
  group: GROUP,
  instance,
  status: status as Alert["status"],
  startsAtMs,
  startTold: true,
  name,
  namespace: "shop",
  resource: { kind: "Pod", name },
  severity: "warning",
  event: null,
  draft: draft(name),
});

/** The first call fares as told; any further one works. */
function failing<Args extends unknown[], Value>(
  method: (...args: Args) => Promise<Value>,
  how: Fate,
  code: "ledger-unavailable" | "writer-unavailable",
) {
  let calls = 0;
  return async (...args: Args): Promise<Value> => {
    calls += 1;
    if (calls > 1 || how === "works") return method(...args);
    if (how === "unheard") await method(...args);
    throw new Failure(code, "lost by the test", how === "unheard" ? "unknown" : "none");
  };
}

/** At rest a fingerprint has one live request at most, and where no request ever ends, its count is that of the deliveries answered. */
export async function accountsForEverything(history: History, open: (nowMs: () => number) => Ledger, exact: boolean): Promise<void> {
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
  open: (nowMs: () => number) => Ledger,
  rules: WindowRules | null = null,
): Promise<void> {
  const [left, right] = [openWorld(reference, rules), openWorld(open, rules)];
  for (const one of history) expect(await right.step(one)).toEqual(await left.step(one));
  await Promise.all([left.settle(), right.settle()]);
  expect(await right.ledger.counters()).toEqual(await left.ledger.counters());
  expect(await right.ledger.survey()).toEqual(await left.ledger.survey());
  expect(await right.ledger.deadLetters(0, 10)).toEqual(await left.ledger.deadLetters(0, 10));
}

/** At rest, whoever fires has a request that was live when it last fired, or a letter that tells why not; once that is replayed, a request it has. */
export async function keepsLettersFor(history: History, open: (nowMs: () => number) => Ledger, rules: WindowRules | null): Promise<void> {
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
    const kept = (await world.ledger.deadLetter(fingerprint(name))) !== null;
    expect(kept || caring(name, world.firing.get(fingerprint(name)) ?? 0), `a request or a letter for ${name}, which fires`).toBe(true);
  }
  for (const name of words) await world.ledger.replay(fingerprint(name));
  await world.settle();
  expect((await world.ledger.survey()).deadLetters).toEqual({ invalid: 0, refused: 0, exhausted: 0 });
  for (const name of firing)
    expect(caring(name, world.firing.get(fingerprint(name)) ?? 0), `a request for ${name}, which fires`).toBe(true);
}

/**
 * At rest, whoever fires has somebody who cares: a request of its own or a storm's, which was live when it last fired. Nobody has two live
 * requests of its own, and every alert that was answered is accounted for.
 */
export async function caresForEverybody(history: History, open: (nowMs: () => number) => Ledger): Promise<void> {
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
  const { openIntents, buffered } = await world.ledger.survey();
  expect({ openIntents, buffered }).toEqual({ openIntents: 0, buffered: 0 });
}
