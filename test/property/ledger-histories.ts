import fc from "fast-check";
import { expect } from "vitest";
import { createMemoryRemediationWriter, type MemoryRequest, type MemoryWriter } from "../../src/adapters/memory/remediation-writer.ts";
import type { Alert } from "../../src/domain/alert.ts";
import { Failure } from "../../src/domain/failure.ts";
import type { Result } from "../../src/domain/outcome.ts";
import { memberId, stormName } from "../../src/domain/storm-draft.ts";
import type { WindowRules } from "../../src/domain/window-rules.ts";
import { drainLedger } from "../../src/flows/drain-ledger.ts";
import { ingestAlerts } from "../../src/flows/ingest-alerts.ts";
import { createStrayOutcomes } from "../../src/flows/stray-outcomes.ts";
import type { Fact, Ledger, Subject } from "../../src/ports/ledger.ts";
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
/** A drain that dies: after some calls nothing it sends gets anywhere, or the last one is done and never heard of. */
const die = fc.record({
  kind: fc.constant("die" as const),
  calls: fc.integer({ min: 0, max: 6 }),
  last: fc.constantFrom("unsent", "unheard"),
});
/** A sweep of a part of what is due, sent once or twice. */
const part = fc.record({ kind: fc.constant("part" as const), limit: fc.constantFrom(1, 2), twice: fc.boolean() });
/** A watch tells of all that there is and of what is gone, or once more what it told last. */
const look = fc.record({ kind: fc.constant("look" as const), again: fc.boolean() });
/** A controller writes the whole status of requests, and the watch tells of it. */
const erase = fc.record({ kind: fc.constant("erase" as const), word: manyWords });
/** The store loses all that it held. */
const lose = fc.record({ kind: fc.constant("lose" as const) });
/** To the end of a window, and to that of a storm that nobody joins. */
const waitLong = fc.record({ kind: fc.constant("wait" as const), ms: fc.constantFrom<number>(1, 6_000, 46_000, 130_000, 601_000) });

type ValueOf<Arbitrary> = Arbitrary extends fc.Arbitrary<infer Value> ? Value : never;
type Step = ValueOf<
  | typeof swell
  | typeof drain
  | typeof waitLong
  | typeof togetherAny
  | typeof endAny
  | typeof removeAny
  | typeof die
  | typeof part
  | typeof look
  | typeof erase
  | typeof lose
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
const storms = [swell, swell, swell, swell, drain, drain, waitLong, waitLong, part, die, look, endAny];
/** Storms, one thing after the other. */
export const stormy: fc.Arbitrary<History> = fc.array(fc.oneof(...storms, removeAny, erase, lose), { maxLength: 30 });
/** Storms, several gateways and drains at once. */
export const stormyTogether: fc.Arbitrary<History> = fc.array(fc.oneof(...storms, togetherAny, togetherAny, removeAny, erase, lose), {
  maxLength: 30,
});

/** A world of two gateways, one ledger and one cluster, whose calls fail as told. */
export function openWorld(open: (nowMs: () => number) => Ledger, rules: WindowRules | null = null) {
  let now = 1_800_000_000_000;
  let operations = 0;
  const clock = { now: () => now };
  let ledger = open(clock.now);
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

  const rest = {
    ...{ background, clock, log, newOperation, random: () => 0.5, writerTimeoutMs: 4_000 },
    ...{ storms: STORMS, rulesFor: () => rules, strays: createStrayOutcomes(newOperation) },
  };
  const ports = (fates: { admit: Fate; write: Fate; confirm: Fate }) => ({
    ledger: {
      ...ledger,
      admit: failing(ledger.admit, fates.admit, "ledger-unavailable"),
      fact: failing(ledger.fact, fates.confirm, "ledger-unavailable"),
      settle: failing(ledger.settle, fates.confirm, "ledger-unavailable"),
    },
    writer: { perform: failing(writer.perform, fates.write, "writer-unavailable") } satisfies RemediationWriter,
    ...rest,
  });

  /** The delivery memory is lost, and so is whoever fires and was nowhere but in the ledger: a window, an intent, or a list not yet written. */
  let isLost = false;
  const lose = () => {
    isLost = true;
    ledger = open(clock.now);
    firstMs.clear();
    for (const name of ["x", "y", "z", "v"]) if (!requestsWith(writer, name).some(({ ended }) => !ended)) firing.delete(fingerprint(name));
  };

  const watched = new Map<string, Subject>();
  let lastLook: readonly Fact[] = [];
  let lookedMs = now;
  const aged = (fact: Fact): Fact => ("agoMs" in fact ? { ...fact, agoMs: now - lookedMs } : fact);
  const lookAround = (): readonly Fact[] => {
    const all = writer.list();
    for (const request of all) watched.set(request.uid, subjectOf(request));
    const missing = [...watched].filter(([uid]) => !all.some((request) => request.uid === uid));
    for (const [uid] of missing) watched.delete(uid);
    const gone = missing.map(([uid, subject]): Fact => ({ kind: "gone", subject, uid, session: null, agoMs: null }));
    lastLook = [...all.map(seenOf), ...gone];
    lookedMs = now;
    return lastLook;
  };

  /** Of what a lost store had written, nobody knows that it is missing. */
  const erase = async (name: string) => {
    if (isLost) return;
    for (const { uid } of requestsWith(writer, name)) writer.erase(uid);
    await ledger.fact(lookAround());
  };

  const sweepPart = async ({ limit, twice }: ValueOf<typeof part>) => {
    const call = { operation: newOperation(), limit };
    await ledger.sweep(call);
    if (twice) await ledger.sweep(call);
  };

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
    if (one.kind === "remove") for (const { uid } of requestsWith(writer, one.word)) writer.remove(uid);
    if (one.kind === "drain") await drainLedger(ports({ ...one, admit: "works" })).catch(() => {});
    if (one.kind === "die") await drainLedger({ ...dying({ ledger, writer }, one), ...rest }).catch(() => {});
    if (one.kind === "part") await sweepPart(one);
    if (one.kind === "lose") lose();
    if (one.kind === "look") await ledger.fact(one.again ? lastLook.map(aged) : lookAround());
    if (one.kind === "erase") await erase(one.word);
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
    for (let round = 0; round < 50; round += 1) {
      now += 61_000;
      const { leased, nextInMs } = await drainLedger(ports({ admit: "works", write: "works", confirm: "works" }));
      if (leased === 0 && nextInMs === null) return;
    }
    expect.fail("the ledger never comes to rest");
  };
  return { ledger: () => ledger, writer, step, settle, heard, firing };
}

const requestsOf = (writer: MemoryWriter, name: string) =>
  writer.list().filter(({ draft: { spec } }) => spec.signalFingerprint === fingerprint(name));

/** Its own, and those of storms that it is in. */
export const requestsWith = (writer: MemoryWriter, name: string) => {
  const id = memberId(fingerprint(name));
  const holds = ({ ids, members }: MemoryRequest) => ids.includes(id) || members.some((line) => line.startsWith(id));
  return [...requestsOf(writer, name), ...writer.list().filter(holds)];
};

/** A storm's window is in its object's name. */
const subjectOf = ({ name, draft: { spec } }: MemoryRequest): Subject =>
  name.startsWith(stormName("")) ? `${spec.signalFingerprint}.${name.slice(stormName("").length)}` : spec.signalFingerprint;

function seenOf(request: MemoryRequest): Fact {
  const { namespace, name, uid, resourceVersion, intent, phase, ended, endedAtMs, session, slots, resolvedAtMs, members } = request;
  const state = { namespace, name, uid, resourceVersion, intent, phase, ended, endedAtMs, session };
  return { kind: "seen", subject: subjectOf(request), state, shown: { slots, resolvedAtMs, members: members.length }, agoMs: null };
}

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

/** A process that dies after some calls to whomever: the next one is not sent, or done and not heard of, and nothing comes after it. */
function dying(ports: { ledger: Ledger; writer: RemediationWriter }, { calls, last }: ValueOf<typeof die>) {
  let left = calls;
  const mortal =
    <Args extends unknown[], Value>(method: (...args: Args) => Promise<Value>) =>
    async (...args: Args): Promise<Value> => {
      left -= 1;
      if (left >= 0) return method(...args);
      if (left === -1 && last === "unheard") await method(...args);
      throw new Error("dead");
    };
  const { lease, sweep, crew, fact, settle } = ports.ledger;
  const living = { lease: mortal(lease), sweep: mortal(sweep), crew: mortal(crew), fact: mortal(fact), settle: mortal(settle) };
  return { ledger: { ...ports.ledger, ...living }, writer: { perform: mortal(ports.writer.perform) } satisfies RemediationWriter };
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
  expect(await sightsOf(right.ledger())).toEqual(await sightsOf(left.ledger()));
  await Promise.all([left.settle(), right.settle()]);
  expect(await sightsOf(right.ledger())).toEqual(await sightsOf(left.ledger()));
}

/** All that people can read of a ledger. */
async function sightsOf(ledger: Ledger) {
  const alerts = ["x", "y", "z", "v"].map((name) => ({ fingerprint: fingerprint(name), group: GROUP }));
  const { windows, total } = await ledger.windows(0, 50);
  return {
    ...{ windows, total, crews: await Promise.all(windows.map(({ subject }) => ledger.window(subject, 0, 50))) },
    receipts: await Promise.all(alerts.map((one) => ledger.receipt(one))),
    glimpses: await ledger.glimpse(alerts),
    ...{ counters: await ledger.counters(), survey: await ledger.survey() },
  };
}

/**
 * At rest, whoever fires has somebody who cares: a request of its own or a storm's, which was live when it last fired. Nobody has two live
 * requests of its own, and every alert that was answered is accounted for. A store that loses what it held takes with it who was nowhere else.
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
  const { openIntents, buffered } = await world.ledger().survey();
  expect({ openIntents, buffered }).toEqual({ openIntents: 0, buffered: 0 });
}
