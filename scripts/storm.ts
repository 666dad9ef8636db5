// `npm run storm -- --size 100 --groups 1 --url http://localhost:8787`: sends a storm of alerts to a gateway, and tells what became of each.
// A gateway with sources wants a credential: SOURCE_TOKEN in the environment. Fails where an alert was not answered.
import { randomBytes } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { reportOf } from "./storm/report.ts";
import { type Answered, sendStorm } from "./storm/send.ts";
import { type Webhook, webhooksOf } from "./storm/webhooks.ts";

const USAGE = "usage: npm run storm -- [--size 100] [--groups 1] [--batch 20] [--url http://localhost:8787]";

function readOptions() {
  const text = (fallback: string) => ({ type: "string", default: fallback }) as const;
  const { values } = parseArgs({
    options: { size: text("100"), groups: text("1"), batch: text("20"), url: text("http://localhost:8787") },
  });
  const whole = (name: "size" | "groups" | "batch", most: number) => {
    const number = /^[1-9]\d{0,6}$/.test(values[name]) ? Number(values[name]) : most + 1;
    if (number > most) throw new Error(`--${name} is 1 to ${most}`);
    return number;
  };
  return {
    size: { size: whole("size", 100_000), groups: whole("groups", 1_000), batch: whole("batch", 5_000) },
    url: new URL("/api/v1/signals/prometheus", values.url),
  };
}

interface Result {
  readonly outcome: string;
  readonly remediationRequest: { readonly namespace: string; readonly name: string } | null;
}

async function deliver(url: URL, webhook: Webhook): Promise<readonly Answered[] | null> {
  const token = process.env.SOURCE_TOKEN;
  const headers = { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) };
  const init = { method: "POST", headers, body: JSON.stringify(webhook), signal: AbortSignal.timeout(15_000) };
  const response = await fetch(url, init).catch(() => null);
  if (!response || response.status >= 500) return null;
  if (!response.ok) throw new Error(`the gateway answered ${response.status}: ${await response.text()}`);
  const { results } = (await response.json()) as { readonly results: readonly Result[] };
  return results.map(({ outcome, remediationRequest: made }) => ({ outcome, request: made && `${made.namespace}/${made.name}` }));
}

try {
  const { size, url } = readOptions();
  const total = size.size * size.groups;
  const webhooks = webhooksOf(size, randomBytes(3).toString("hex"), Date.now());
  console.log(`${total} alerts of ${size.groups} name(s) in ${webhooks.length} webhooks to ${url.host}`);
  const tell = (answered: number, settled: number) =>
    process.stderr.isTTY && process.stderr.write(`\r${answered} answered, ${settled} settled of ${total}\x1b[K`);
  const drill = await sendStorm(webhooks, { deliver: (webhook) => deliver(url, webhook), now: () => performance.now(), pause }, tell);
  if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
  console.log(reportOf(drill));
  if (drill.answers.includes(null)) process.exitCode = 1;
} catch (error) {
  console.error(`${(error as Error).message}\n${USAGE}`);
  process.exitCode = 2;
}
