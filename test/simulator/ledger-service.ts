import type { Fact, Ledger, LedgerRules, Settlement, Verdict } from "../../src/ports/ledger.ts";
import { openEmbeddedLedger } from "../support/embedded-ledger.ts";
import type { Beliefs } from "./beliefs.ts";
import { withBrokenEngine } from "./broken-engine.ts";
import type { Chronicle } from "./chronicle.ts";
import type { Sabotage } from "./sabotage.ts";
import type { VirtualTime } from "./virtual-time.ts";

interface ServiceParts {
  readonly rules: LedgerRules;
  readonly time: VirtualTime;
  readonly chronicle: Chronicle;
  readonly beliefs: Beliefs;
  readonly sabotage: Sabotage | null;
  tell(line: string): void;
}

export interface LedgerService extends Ledger {
  /** All it held is gone. */
  lose(): void;
}

/** The store behind the network: the engine, what it was sent and said, and a way to lose it. */
export function openLedgerService({ rules, time, chronicle, beliefs, sabotage, tell }: ServiceParts): LedgerService {
  const now = () => time.nowMs;
  const open = () => {
    const edits = sabotage?.lua;
    const ledger = openEmbeddedLedger(rules, now, (redis) => (edits ? withBrokenEngine(redis, edits) : redis));
    return sabotage?.ledger?.(ledger) ?? ledger;
  };
  let current = open();
  const service: Ledger = {
    async admit(call) {
      const verdicts = await current.admit(call);
      const news = chronicle.judged(call, verdicts, time.nowMs);
      beliefs.told(call.facts);
      beliefs.judged(call, verdicts, news, time.nowMs);
      for (const fact of call.facts) tell(`ledger: told along ${factText(fact)}`);
      call.alerts.forEach(({ kind, draft, fingerprint, instance }, at) => {
        const name = draft?.spec.signalName ?? fingerprint.slice(0, 2);
        tell(`ledger: ${name}/${instance} ${kind} -> ${verdictText(verdicts[at])}`);
      });
      return verdicts;
    },
    recall: (...args) => current.recall(...args),
    async fact(facts) {
      const outcomes = await current.fact(facts);
      beliefs.told(facts);
      facts.forEach((fact, at) => {
        tell(`ledger: told ${factText(fact)} -> ${outcomes[at]?.kind}`);
      });
      return outcomes;
    },
    async lease(...args) {
      const lease = await current.lease(...args);
      for (const { intent, tries } of lease.intents) tell(`ledger: leases intent ${short(intent)}, try ${tries}`);
      for (const { count, request } of lease.counts) tell(`ledger: leases count ${count} of ${request.name}`);
      return lease;
    },
    async settle(settlements) {
      for (const settlement of settlements) tell(`ledger: settles ${settlementText(settlement)}`);
      return current.settle(settlements);
    },
    sweep: (call) => current.sweep(call),
    crew: (...args) => current.crew(...args),
    drafts: (...args) => current.drafts(...args),
    heartbeat: (session) => current.heartbeat(session),
    foresee: (alerts) => current.foresee(alerts),
    windows: (...args) => current.windows(...args),
    window: (...args) => current.window(...args),
    flush: (subject) => current.flush(subject),
    receipt: (alert) => current.receipt(alert),
    deadLetters: (...args) => current.deadLetters(...args),
    deadLetter: (id) => current.deadLetter(id),
    replay: (id) => current.replay(id),
    discard: (...args) => current.discard(...args),
    findLetters: (...args) => current.findLetters(...args),
    discardLetters: (...args) => current.discardLetters(...args),
    flags: () => current.flags(),
    setFlag: (change) => current.setFlag(change),
    counters: () => current.counters(),
    survey: () => current.survey(),
  };
  return {
    ...service,
    lose() {
      current = open();
      chronicle.lost();
      beliefs.lost();
    },
  };
}

const short = (id: string): string => id.replace(/^0+/, "");

function verdictText(verdict: Verdict | undefined): string {
  if (verdict?.kind === "settled") return `${verdict.outcome} (${verdict.reason})`;
  return verdict?.kind === "ensure" ? `ensure ${short(verdict.intent)}` : (verdict?.kind ?? "nothing");
}

function factText(fact: Fact): string {
  if (fact.kind === "gone") return `gone ${fact.uid}`;
  const { name, uid, phase, resourceVersion, ended } = fact.state;
  return `${fact.kind} ${name} (${uid}, ${phase || "new"}${ended ? ", ended" : ""}, version ${resourceVersion})`;
}

const settlementText = (settlement: Settlement): string =>
  `${settlement.kind} ${"mark" in settlement ? short(settlement.mark.split("|")[1] ?? "") : short(settlement.intent)}`;
