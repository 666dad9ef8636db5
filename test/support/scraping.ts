import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "./free-port.ts";
import { startProcess } from "./process.ts";

/** What Prometheus answers to an expression: a series, and its values by Unix seconds. */
export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [atS: number, value: string])[];
}

export interface ScrapingOptions {
  /** A file of rules, judged each second. */
  readonly rules?: object;
  /** More arguments of the command line. */
  readonly args?: readonly string[];
}

/** A Prometheus that scrapes some processes each second. */
export interface Scraping {
  /** What a path below /api/v1 answers. */
  ask<Data>(path: string): Promise<Data>;
  /** The values of an expression within the last so many seconds, one each step. */
  range(expr: string, lastS: number, stepS: number): Promise<readonly Series[]>;
  stop(): Promise<void>;
}

/** Starts Debian's Prometheus. `addresses`: host:port of what it scrapes, with the read token. */
export async function startScraping(
  dir: string,
  addresses: readonly string[],
  readToken: string,
  { rules, args = [] }: ScrapingOptions = {},
): Promise<Scraping> {
  const address = `127.0.0.1:${await freePort()}`;
  const data = join(dir, "prometheus");
  mkdirSync(data);
  const [config, ruleFile] = [join(data, "prometheus.yml"), join(data, "rules.yml")];
  if (rules) writeFileSync(ruleFile, JSON.stringify(rules));
  const job = { job_name: "breakwater", authorization: { credentials: readToken }, static_configs: [{ targets: addresses }] };
  writeFileSync(
    config,
    JSON.stringify({
      global: { scrape_interval: "1s", evaluation_interval: "1s" },
      ...(rules && { rule_files: [ruleFile] }),
      scrape_configs: [job],
    }),
  );
  const { stop } = await startProcess({
    command: "prometheus",
    args: [`--config.file=${config}`, `--storage.tsdb.path=${join(data, "tsdb")}`, `--web.listen-address=${address}`, ...args],
    ready: new URL(`http://${address}/-/ready`),
  });
  const ask = async <Data>(path: string): Promise<Data> => {
    const answer = await fetch(`http://${address}/api/v1/${path}`);
    const { status, error, data: told } = (await answer.json()) as { status: string; error?: string; data?: Data };
    if (status !== "success" || !told) throw new Error(`${path}: ${error}`);
    return told;
  };
  return {
    ask,
    async range(expr, lastS, stepS) {
      const nowS = Date.now() / 1_000;
      const query = new URLSearchParams({ query: expr, start: `${nowS - lastS}`, end: `${nowS}`, step: `${stepS}` });
      return (await ask<{ result: Series[] }>(`query_range?${query}`)).result;
    },
    stop,
  };
}
