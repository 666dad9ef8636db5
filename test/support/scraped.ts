import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Installation, READ_TOKEN, READABLE, relaySettings, startInstallation } from "./installation.ts";
import { startOwnRedis } from "./own-redis.ts";
import { freshNamespace } from "./real-parts.ts";
import { type Scraping, startScraping } from "./scraping.ts";
import { alertOf, post, webhookOf } from "./sender.ts";

/** Two gateways, a proxy that relays, a bridge and a Redis, which a Prometheus scrapes. */
export interface Scraped {
  readonly scraping: Scraping;
  /** Sends what an installation sees, good and bad, a part of it each second, for so many seconds; Redis is away for a third of them. */
  live(seconds: number): Promise<void>;
  stop(): Promise<void>;
}

const MEMORY = "256mb";

export async function startScraped(): Promise<Scraped> {
  const dir = mkdtempSync(join(tmpdir(), "breakwater-scraped-"));
  const redis = await startOwnRedis({ bridge: READABLE });
  await redis.redis.config("SET", "maxmemory", MEMORY);
  const namespace = await freshNamespace("scraped");
  const installation = await startInstallation({
    bridge: redis.bridge,
    proxies: [{ ...relaySettings(redis.bridge, [namespace]), ...READABLE }],
    gateway: { ENABLE_STORM_BUFFERING: "true", STORM_FIRST_REQUEST_SECONDS: "3", STORM_RULE_LONE: LONE_RULE },
  });
  const gateways = [installation.gateway, await installation.addGateway({}, "node")];
  const addresses = [...gateways, ...installation.proxies, redis.bridge].map(({ url }) => new URL(url).host);
  const scraping = await startScraping(dir, addresses, READ_TOKEN);
  return {
    scraping,
    async live(seconds) {
      for (let second = 0; second < seconds; second += 1) {
        if (second === Math.floor(seconds / 3)) await redis.kill();
        if (second === Math.floor((2 * seconds) / 3)) await redis.start();
        await Promise.all([sendSecond(installation, namespace, second), sleep(1_000)]);
      }
    },
    async stop() {
      await scraping.stop();
      await installation.stop();
      await redis.stop();
      rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

const LONE_RULE = '{"priority":1,"match":{"alertname":"Lone*"},"bypass":true}';

/** A repeat, a new alert, members of a storm, alerts that are hard to read, and payloads that are refused. */
async function sendSecond(installation: Installation, namespace: string, second: number): Promise<void> {
  const { gateway, sourceToken } = installation;
  const to = { gateway, sourceToken };
  const lone = (n: number, status?: "resolved") => alertOf({ namespace, alertname: `Lone${n}`, pod: `lone-${n}` }, status);
  const members = Array.from({ length: 4 }, (_, n) =>
    alertOf({ namespace, alertname: `Storm${Math.floor(second / 10)}`, pod: `member-${second}-${n}` }),
  );
  const odd = { ...alertOf({ namespace, alertname: `Lone-odd-${second}`, pod: "odd", severity: "whatever" }), startsAt: "yesterday" };
  await Promise.allSettled([
    post(to, webhookOf(lone(second), lone(0), ...(second > 5 ? [lone(second - 5, "resolved")] : []))),
    post(to, webhookOf(...members)),
    post(to, { ...webhookOf(odd, alertOf({ namespace, alertname: "", pod: `nameless-${second}` })), truncatedAlerts: 2 }),
    post(to, webhookOf(alertOf({ namespace, alertname: "Watchdog", severity: "none" }))),
    post({ gateway, sourceToken: "a token of nobody" }, webhookOf(lone(0))),
    post(to, { version: "4" }),
  ]);
}
