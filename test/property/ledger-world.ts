import { expect } from "vitest";
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
import { checkConserved } from "../support/conservation.ts";
import { alertOf } from "../support/flow-bench.ts";
import type { MemoryRequest } from "../support/held-requests.ts";
import { fingerprint, GROUP, NOTHING_ASIDE, RULES, STORMS } from "../support/ledger-builders.ts";
import { createMemoryRemediationWriter, type MemoryWriter } from "../support/memory-writer.ts";
import { silentLog } from "../support/silent-log.ts";
import type { alert, die, Fate, part, Step, ValueOf } from "./ledger-steps.ts";

/** Steps from one check of all that is owed to the next. A loss stays visible, so a later check still finds it. */
const CHECKED_EVERY = 6;

/** A ledger; one that a version before shares does not see all that is owed, as that one does not count it. */
export interface WorldLedger extends Ledger {
  readonly keepsNoAccount?: true;
}

/** A world of two gateways, one ledger and one cluster, whose calls fail as told. `ingest`: how deliveries are decided. */
export function openWorld(open: (nowMs: () => number) => WorldLedger, rules: WindowRules | null = null, ingest = ingestAlerts) {
  let now = 1_800_000_000_000;
  let operations = 0;
  const clock = { now: () => now };
  let ledger = open(clock.now);
  const writer = createMemoryRemediationWriter("kubernaut-system", clock);
  const background = { run: (work: Promise<unknown>) => void work.catch(() => {}) };
  const log = silentLog;
  const newOperation = () => (++operations).toString(16).padStart(32, "0");
  /** When a delivery was first answered. */
  const firstMs = new Map<string, number>();
  /** What fired in each delivery that was answered; the same one after its time counts as another. */
  const heard: Set<string>[] = [];
  /** When a fingerprint last fired without being resolved since, by what its senders were told. */
  const firing = new Map<string, number>();
  const resolved = new Set<string>();
  let days = 0;
  let steps = 0;

  const rest = {
    ...{ background, clock, log, newOperation, pause: async () => {}, random: () => 0.5, writerTimeoutMs: 4_000 },
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
    const ingested = await ingest(ports(fates), { source: "s", delivery, alerts, ...NOTHING_ASIDE }).catch((error: unknown) => {
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

  const checkAccount = async () => {
    if (!ledger.keepsNoAccount) await checkConserved(ledger);
  };

  /** Of answers given at the same time nobody can tell which was judged first: a resolve among them counts as the last. */
  const step = async (one: Step): Promise<unknown> => {
    const told = await run(one);
    for (const whose of resolved) firing.delete(whose);
    resolved.clear();
    if (++steps % CHECKED_EVERY === 0) await checkAccount();
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
    if (one.kind === "die") await drainLedger({ ...dying({ ledger, writer }, one), ...rest }).catch(() => {});
    if (one.kind === "part") await sweepPart(one);
    if (one.kind === "lose") lose();
    if (one.kind === "flip")
      await ledger.setFlag({ operation: newOperation(), feature: "storm-buffering", percent: one.isOn ? null : 0, by: "", reason: "" });
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
    for (const name of ["x", "y"]) writer.turnDown(fingerprint(name), null);
    for (let round = 0; round < 50; round += 1) {
      now += 61_000;
      const { leased, nextInMs } = await drainLedger(ports({ admit: "works", write: "works", confirm: "works" }));
      if (leased === 0 && nextInMs === null) return checkAccount();
    }
    expect.fail("the ledger never comes to rest");
  };
  return { ledger: () => ledger, writer, step, settle, heard, firing };
}

export const requestsOf = (writer: MemoryWriter, name: string) =>
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
  const { namespace, name, uid, resourceVersion, intent, phase, ended, endedAtMs, session, slots, resolvedAtMs, members, urgency } =
    request;
  const state = { namespace, name, uid, resourceVersion, intent, phase, ended, endedAtMs, session, urgency };
  return { kind: "seen", subject: subjectOf(request), state, shown: { slots, resolvedAtMs, members: members.length }, agoMs: null };
}

const results = (all: readonly Result[], alerts: readonly Alert[], fits: (alert: Alert, outcome: string) => boolean): string[] =>
  all.flatMap(({ outcome, fingerprint: whose }, at) => (fits(alerts[at] as Alert, outcome) ? [whose] : []));

const toAlert = ({ word, instance, status, startsAtMs }: ValueOf<typeof alert>): Alert =>
  alertOf(word, { group: GROUP, instance, status: status as Alert["status"], startsAtMs });

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
