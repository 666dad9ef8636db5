import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { timeDividedBy } from "../../../scripts/monitoring/rule.ts";
import { ruleGroups, rulesFile } from "../../../scripts/monitoring/rules.ts";
import { freePort } from "../free-port.ts";
import { startProcess } from "../process.ts";

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
  const address = `127.0.0.1:${await freePort()}`;
  const data = join(dir, "prometheus");
  mkdirSync(data);
  const [config, rules] = [join(data, "prometheus.yml"), join(data, "rules.yml")];
  writeFileSync(rules, JSON.stringify(rulesFile(ruleGroups(timeDividedBy(DIVIDED_BY)))));
  writeFileSync(
    config,
    JSON.stringify({
      global: { scrape_interval: "1s", evaluation_interval: "1s" },
      rule_files: [rules],
      scrape_configs: [{ job_name: "breakwater", authorization: { credentials: readToken }, static_configs: [{ targets: addresses }] }],
    }),
  );
  const { stop } = await startProcess({
    command: "prometheus",
    args: [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(data, "tsdb")}`,
      `--web.listen-address=${address}`,
      "--query.lookback-delta=10s", // five minutes, divided as all else
    ],
    ready: new URL(`http://${address}/-/ready`),
  });
  const ask = async <Data>(path: string) => {
    const answer = await fetch(`http://${address}/api/v1/${path}`);
    return ((await answer.json()) as { readonly data: Data }).data;
  };
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
