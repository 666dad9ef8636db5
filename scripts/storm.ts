// `npm run storm -- --size 100 --groups 1 --url http://localhost:8787`: sends a storm of alerts to a gateway, and tells what became of each.
// A gateway with sources wants a credential: SOURCE_TOKEN in the environment. Fails where it is not known what became of an alert.
import { randomBytes } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { gatewayAt, Refused } from "./storm/gateway.ts";
import { reportOf } from "./storm/report.ts";
import { sendStorm } from "./storm/send.ts";
import { isSettled, type Progress } from "./storm/track.ts";
import { webhooksOf } from "./storm/webhooks.ts";

const USAGE = "usage: npm run storm -- [--size 100] [--groups 1] [--batch 20] [--wait 90] [--url http://localhost:8787]";

function readOptions() {
  const text = (fallback: string) => ({ type: "string", default: fallback }) as const;
  const { values } = parseArgs({
    options: { size: text("100"), groups: text("1"), batch: text("20"), wait: text("90"), url: text("http://localhost:8787") },
  });
  const whole = (name: "size" | "groups" | "batch" | "wait", most: number) => {
    const number = /^[1-9]\d{0,6}$/.test(values[name]) ? Number(values[name]) : most + 1;
    if (number > most) throw new Error(`--${name} is 1 to ${most}`);
    return number;
  };
  if (!/^https?:/.test(values.url) || !URL.canParse(values.url)) throw new Error("--url is the gateway's, such as http://localhost:8787");
  return {
    size: { size: whole("size", 100_000), groups: whole("groups", 1_000), batch: whole("batch", 5_000) },
    /** Twice what an alert waits for others by default: a drill ends once nothing new was heard for so long. */
    waitMs: whole("wait", 3_600) * 1_000,
    url: new URL(values.url),
  };
}

async function drill({ size, waitMs, url }: ReturnType<typeof readOptions>): Promise<boolean> {
  const total = size.size * size.groups;
  const webhooks = webhooksOf(size, randomBytes(3).toString("hex"), Date.now());
  console.log(`${total} alerts of ${size.groups} name(s) in ${webhooks.length} webhooks to ${url.host}`);
  const { isTTY, columns } = process.stderr;
  let warned = false;
  const tell = ({ answered, settled, trouble }: Progress) => {
    const line = `${answered} answered, ${settled} settled of ${total}${trouble ? `, ${trouble}` : ""}`;
    if (isTTY) process.stderr.write(`\r${line.slice(0, columns - 1)}\x1b[K`);
    else if (trouble && !warned) console.error(`${trouble}; trying again`);
    warned ||= trouble !== null;
  };
  const world = { ...gatewayAt(url, process.env.SOURCE_TOKEN ?? ""), now: () => performance.now(), pause };
  try {
    const done = await sendStorm(webhooks, world, { waitMs, tell });
    if (isTTY) process.stderr.write("\r\x1b[K");
    console.log(reportOf(done));
    return done.fates.every(isSettled);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    if (isTTY) process.stderr.write("\r\x1b[K");
    console.error(error.message);
    return false;
  }
}

let options: ReturnType<typeof readOptions> | undefined;
try {
  options = readOptions();
} catch (error) {
  console.error(`${(error as Error).message}\n${USAGE}`);
  process.exitCode = 2;
}
if (options && !(await drill(options))) process.exitCode = 1;
