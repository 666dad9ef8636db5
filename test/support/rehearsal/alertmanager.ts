import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../free-port.ts";
import { type Started, startProcess } from "../process.ts";

/** Debian's Alertmanager as an operator runs it: its token in a file, its configuration read anew when it is asked to. */
export interface OperatedAlertmanager {
  readonly url: string;
  readonly configFile: string;
  readonly credentialsFile: string;
  start(): Promise<Started>;
  /** Tells it of alerts, as Prometheus does. */
  tell(...labels: readonly Readonly<Record<string, string>>[]): Promise<void>;
}

/** Prepares one that sends all alerts to a gateway, each change a second later; `token` is its credential at first. */
export async function createAlertmanager(dir: string, gatewayUrl: string, token: string, maxAlerts = 0): Promise<OperatedAlertmanager> {
  const data = join(dir, "alertmanager");
  mkdirSync(data);
  const [configFile, credentialsFile] = [join(data, "alertmanager.yml"), join(data, "token")];
  const address = `127.0.0.1:${await freePort()}`;
  const url = `http://${address}`;
  writeFileSync(credentialsFile, token);
  const webhook = {
    url: new URL("/api/v1/signals/prometheus", gatewayUrl).href,
    send_resolved: true,
    max_alerts: maxAlerts,
    http_config: { authorization: { credentials_file: credentialsFile } },
  };
  const route = { receiver: "breakwater", group_by: ["alertname"], group_wait: "1s", group_interval: "1s", repeat_interval: "1s" };
  writeFileSync(configFile, JSON.stringify({ route, receivers: [{ name: "breakwater", webhook_configs: [webhook] }] }, null, 2));
  return {
    url,
    configFile,
    credentialsFile,
    start: () =>
      startProcess({
        command: "prometheus-alertmanager",
        args: [`--config.file=${configFile}`, `--storage.path=${data}`, `--web.listen-address=${address}`, "--cluster.listen-address="],
        ready: new URL("/-/ready", url),
      }),
    async tell(...labels) {
      const body = JSON.stringify(labels.map((each) => ({ labels: each })));
      const answer = await fetch(`${url}/api/v2/alerts`, { method: "POST", headers: { "content-type": "application/json" }, body });
      if (!answer.ok) throw new Error(`Alertmanager answered ${answer.status}`);
    },
  };
}
