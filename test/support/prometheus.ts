import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { freePort } from "./free-port.ts";
import { type Started, startProcess } from "./process.ts";

/** Something that Prometheus watches: a gauge of one or more samples, which are 1 while it is broken. */
export interface Watched {
  readonly address: string;
  broken: boolean;
  close(): Promise<void>;
}

export async function openWatched(metric: string, ...samples: readonly Readonly<Record<string, string>>[]): Promise<Watched> {
  const port = await freePort();
  const sets = samples.map((labels) => Object.entries(labels).map(([name, value]) => `${name}="${value}"`));
  const watched = { address: `127.0.0.1:${port}`, broken: false };
  const server = createServer((_, response) => {
    const lines = sets.map((set) => `${metric}{${set}} ${Number(watched.broken)}\n`);
    response.setHeader("content-type", "text/plain; version=0.0.4").end(lines.join(""));
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return Object.assign(watched, { close });
}

export interface AlertmanagerOptions {
  /** Where it sends all alerts, as what sender. */
  readonly webhookUrl: string;
  readonly bearerToken: string;
  /** How long it waits before it tells again what has not changed; 2 s. */
  readonly repeatInterval?: string;
  /** How long it waits before the first notification of a group; 1 s. */
  readonly groupWait?: string;
  /** How long it waits between two notifications of a group, and how long it tries for one, 10 s at least; 1 s. */
  readonly groupInterval?: string;
  /** Its own address in a gossip cluster, and those of others; it waits a second for each replica before it. Alone unless told. */
  readonly cluster?: { readonly address: string; readonly peers: readonly string[] };
}

export interface Alertmanager extends Started {
  readonly address: string;
  /** One of its own counters for webhooks. */
  counter(name: string): Promise<number>;
}

const clusterArgs = ({ address, peers }: NonNullable<AlertmanagerOptions["cluster"]>): string[] => [
  `--cluster.listen-address=${address}`,
  `--cluster.advertise-address=${address}`,
  "--cluster.peer-timeout=1s",
  "--cluster.gossip-interval=50ms",
  "--cluster.settle-timeout=3s",
  ...peers.map((peer) => `--cluster.peer=${peer}`),
];

/** Debian's Alertmanager. */
export async function startAlertmanager(dir: string, options: AlertmanagerOptions): Promise<Alertmanager> {
  const { webhookUrl, bearerToken, repeatInterval = "2s", groupWait = "1s", groupInterval = "1s", cluster } = options;
  const address = `127.0.0.1:${await freePort()}`;
  const data = join(dir, "alertmanager");
  mkdirSync(data);
  const config = join(data, "alertmanager.yml");
  const times = { group_wait: groupWait, group_interval: groupInterval, repeat_interval: repeatInterval };
  const webhook = { url: webhookUrl, send_resolved: true, http_config: { authorization: { credentials: bearerToken } } };
  const receivers = [{ name: "breakwater", webhook_configs: [webhook] }];
  writeFileSync(config, JSON.stringify({ route: { receiver: "breakwater", group_by: ["alertname"], ...times }, receivers }));
  const started = await startProcess({
    command: "prometheus-alertmanager",
    args: [
      `--config.file=${config}`,
      `--storage.path=${data}`,
      `--web.listen-address=${address}`,
      ...(cluster ? clusterArgs(cluster) : ["--cluster.listen-address="]),
      "--log.level=debug",
    ],
    ready: new URL(`http://${address}/-/ready`),
  });
  const counter = async (name: string) => {
    const text = await (await fetch(`http://${address}/metrics`)).text();
    return Number(new RegExp(`^${name}\\{integration="webhook"\\} (\\d+)`, "m").exec(text)?.[1]);
  };
  return { ...started, address, counter };
}

export interface PrometheusOptions {
  readonly watched: string;
  readonly alertmanager: string;
  /** The scrape's name, and labels that its relabelling adds. */
  readonly scrape?: { readonly job: string; readonly labels: Readonly<Record<string, string>> };
  readonly rule: { readonly alert: string; readonly expr: string; readonly labels: Readonly<Record<string, string>> };
}

/** Debian's Prometheus, which looks and judges each second. */
export async function startPrometheus(dir: string, { watched, alertmanager, scrape, rule }: PrometheusOptions): Promise<Started> {
  const address = `127.0.0.1:${await freePort()}`;
  const data = join(dir, "prometheus");
  mkdirSync(data);
  const [config, rules] = [join(data, "prometheus.yml"), join(data, "rules.yml")];
  writeFileSync(rules, JSON.stringify({ groups: [{ name: "test", rules: [rule] }] }));
  const { job, labels } = scrape ?? { job: "watched", labels: {} };
  const relabel_configs = Object.entries(labels).map(([target_label, replacement]) => ({ target_label, replacement }));
  const at = (target: string) => ({ static_configs: [{ targets: [target] }] });
  writeFileSync(
    config,
    JSON.stringify({
      global: { scrape_interval: "1s", evaluation_interval: "1s" },
      rule_files: [rules],
      alerting: { alertmanagers: [at(alertmanager)] },
      scrape_configs: [{ job_name: job, honor_labels: true, relabel_configs, ...at(watched) }],
    }),
  );
  return startProcess({
    command: "prometheus",
    args: [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(data, "tsdb")}`,
      `--web.listen-address=${address}`,
      "--rules.alert.resend-delay=1s",
    ],
    ready: new URL(`http://${address}/-/ready`),
  });
}
