import { setTimeout as sleep } from "node:timers/promises";
import { timeDividedBy } from "../../../scripts/monitoring/rule.ts";
import { ruleGroups, rulesFile } from "../../../scripts/monitoring/rules.ts";
import { startScraping } from "../scraping.ts";

/** By this one number every window, `for` and age of the rules is divided in a rehearsal. A relay beats each 22 s, so its age cannot be shorter. */
export const DIVIDED_BY = 30;

/** An alert as Prometheus shows it. */
export interface SeenAlert {
  readonly state: "pending" | "firing";
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface Monitoring {
  /** The alerts of a rule that are pending or fire. */
  alerts(name: string): Promise<readonly SeenAlert[]>;
  stop(): Promise<void>;
}

/** Starts Debian's Prometheus with all rules, which scrapes some processes each second and judges each second; resolves once it has seen each of them. */
export async function startMonitoring(dir: string, addresses: readonly string[], readToken: string): Promise<Monitoring> {
  const { ask, stop } = await startScraping(dir, addresses, readToken, {
    rules: rulesFile(ruleGroups(timeDividedBy(DIVIDED_BY))),
    args: ["--query.lookback-delta=10s"], // five minutes, divided as all else
  });
  // What was never seen is not missed.
  const seen = async () => (await ask<{ result: unknown[] }>("query?query=breakwater_build_info")).result.length;
  while ((await seen()) < addresses.length) await sleep(250);
  return {
    async alerts(name) {
      const told = await ask<{ readonly alerts: readonly SeenAlert[] }>("alerts");
      return told.alerts.filter(({ labels }) => labels.alertname === name);
    },
    stop,
  };
}
