import { createHash } from "node:crypto";
import { expect } from "vitest";
import type { Rule } from "../../src/domain/rule.ts";
import type { AdmitAlert, LedgerRules, RolledBack, RuleSight } from "../../src/ports/ledger.ts";
import { call, ensured, fingerprint, firing, seen } from "../support/ledger-builders.ts";
import { stormEnded, stormEnsured } from "../support/storm-builders.ts";
import { intentOf, type OpenLedger } from "./ledger-bench.ts";
import { openStormBench } from "./ledger-storm-bench.ts";

export const MINUTE = 60_000;
const THRESHOLD = 5;

/** A ledger, and what meets each rule's units: one that is well, or one that is as bad as can be, each of a group of its own. */
export async function openCanaryBench(open: OpenLedger, rules: Partial<LedgerRules> = {}) {
  const bench = await openStormBench(open, rules);
  const { ledger, time, admitOne } = bench;
  let made = 0;
  /** A group of its own, and what an alert of it says. */
  const group = () => {
    made += 1;
    const name = `u${made}`;
    const id = createHash("sha256").update(name).digest("hex");
    const rules = { threshold: THRESHOLD, firstRequestMs: 20_000, joinMs: 3_600_000 };
    return { name, id, lone: { group: id } as Partial<AdmitAlert>, waiting: { group: id, windowRules: rules } as Partial<AdmitAlert> };
  };
  const create = async (name: string, over: Partial<AdmitAlert>, state: Parameters<typeof ensured>[2] = {}) => {
    const intent = intentOf(await admitOne(firing(name, over)));
    await ledger.fact([ensured(name, intent, state)]);
    return intent;
  };
  const reach = async ({ name, waiting }: ReturnType<typeof group>) => {
    const verdicts = await bench.admit(Array.from({ length: THRESHOLD }, (_, at) => firing(`${name}${at}`, waiting)));
    const reached = verdicts.at(-1);
    return reached?.kind === "ensure" ? reached : expect.fail("no storm");
  };
  const append = ({ name, waiting }: ReturnType<typeof group>, alerts: number) =>
    bench.admit(Array.from({ length: alerts }, (_, at) => firing(`${name}late${at}`, waiting)));
  /** A storm of the threshold's size, with its request. */
  const storm = async (own: ReturnType<typeof group>) => {
    const reached = await reach(own);
    await ledger.fact([stormEnsured(reached.subject, reached.intent, { session: "alive" })]);
    return reached;
  };
  const endStorm = (subject: string) => ledger.fact([stormEnded(subject, time.now)]);
  /** Four of a group wait in vain. */
  const expire = async ({ name, waiting }: ReturnType<typeof group>) => {
    for (let at = 0; at < THRESHOLD - 1; at += 1) await admitOne(firing(`${name}x${at}`, waiting));
    time.now += 20_000;
    await bench.sweepAll();
  };
  const units: Record<Rule, (isBad: boolean) => Promise<unknown>> = {
    async accuracy(isBad) {
      const { name, lone } = group();
      await create(name, lone);
      time.now += 1_000;
      await admitOne(firing(name, lone));
      await ledger.fact([seen(name, { resourceVersion: "900", ended: true, endedAtMs: time.now + (isBad ? -1 : 0) })]);
    },
    async collisions(isBad) {
      const { name, lone } = group();
      const intent = intentOf(await admitOne(firing(name, lone)));
      const fact = ensured(name, intent, {}, isBad ? "existing" : "created");
      await ledger.fact([fact.kind === "ensured" ? { ...fact, takenBack: isBad ? ["taken-back"] : [] } : fact]);
    },
    async "api-load"(isBad) {
      const { name, lone } = group();
      const intent = intentOf(await admitOne(firing(name, lone)));
      const made = ensured(name, intent);
      const looked = seen(name);
      if (made.kind === "ensured") await ledger.fact([{ ...made, requests: 1 }]);
      if (isBad && looked.kind === "seen") await ledger.fact([{ ...looked, requests: 9 }]);
    },
    async "state-known"(isBad) {
      const { name, lone } = group();
      await create(name, lone, { session: isBad ? "dead" : "alive" });
      if (isBad) time.now += 31_000;
      await ledger.heartbeat("alive");
      const verdict = await admitOne(firing(name, lone));
      if (isBad) await admitOne(firing(name, lone), { facts: [seen(name, { session: "alive" })] });
      return verdict;
    },
    async "failed-updates"(isBad) {
      const { name, lone } = group();
      await create(name, lone);
      await admitOne(firing(name, lone));
      time.now += 1;
      const count = (await bench.countsDue()).find(({ subject }) => subject === fingerprint(name));
      if (!count) return expect.fail("no count");
      if (isBad) await ledger.settle([{ kind: "count-failed", mark: count.mark, afterMs: 86_400_000 }]);
      else await bench.recorded(count);
    },
    async "cost-reduction"(isBad) {
      const own = group();
      if (isBad) {
        const { subject, intent } = await reach(own);
        return ledger.settle([{ kind: "storm-refused", subject, intent, reason: "too-large" }]);
      }
      const { subject } = await storm(own);
      await append(own, THRESHOLD);
      return endStorm(subject);
    },
    async aggregation(isBad) {
      const own = group();
      await storm(own);
      if (isBad) await append(own, 3 * THRESHOLD);
      time.now += MINUTE;
      await ledger.heartbeat("alive");
      await admitOne(firing(`${own.name}0`, own.waiting));
    },
    async "buffer-hits"(isBad) {
      const own = group();
      if (isBad) await expire(own);
      const { subject } = await storm(own);
      if (!isBad) await append(own, THRESHOLD);
      // Storms that do not end now are no unit of this rule, and keep that of expirations.
      for (let others = 0; others < 9; others += 1) await storm(group());
      await endStorm(subject);
    },
    async expirations(isBad) {
      const own = group();
      if (isBad) await expire(own);
      await storm(own);
    },
    async bypassing(isBad) {
      const { name, waiting } = group();
      const namespace = isBad ? "shop" : `free-${name}`;
      if (isBad) await admitOne(firing("filler", { ...waiting, namespace, group: "5".repeat(64) }));
      await admitOne(firing(name, { ...waiting, namespace }));
    },
  };
  return {
    ...bench,
    unit: (rule: Rule, isBad: boolean) => units[rule](isBad),
    /** A request of a group of its own, without a word of what it cost. */
    async createAlone(): Promise<void> {
      const { name, lone } = group();
      await create(name, lone);
    },
    /** Lets a minute be over. */
    async minute(troubled = false): Promise<readonly RolledBack[]> {
      time.now += MINUTE;
      return (await ledger.lease(0, [], troubled)).rolledBack;
    },
    async rule(rule: Rule): Promise<RuleSight> {
      return (await ledger.flags()).rules.find((sight) => sight.rule === rule) ?? expect.fail(`no rule ${rule}`);
    },
    sent: () => call([]),
  };
}

export type CanaryBench = Awaited<ReturnType<typeof openCanaryBench>>;
