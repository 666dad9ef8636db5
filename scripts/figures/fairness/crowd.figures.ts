import { expect, it } from "vitest";
import { denyByPolicy, untilAnswered } from "../../../test/support/admission.ts";
import { type Installation, relaySettings, startInstallation } from "../../../test/support/installation.ts";
import { type OwnRedis, startOwnRedis } from "../../../test/support/own-redis.ts";
import { freshName, freshNamespace } from "../../../test/support/real-parts.ts";
import { untilRelayed } from "../../../test/support/relaying.ts";
import { type AlertLabels, alertOf, post, webhookOf } from "../../../test/support/sender.ts";
import { crowd } from "../../../test/support/storms.ts";
import { type Figure, percentile, report } from "../figure.ts";
import { tell } from "../progress.ts";
import { waitsOfLone } from "./lone-alerts.ts";

// Thousands of alerts of one namespace, each with a request of its own, and then twenty of another, each of which waits for others first.

/** How long a lone alert waits for others. */
const WINDOW_S = 2;
/** How much later than that 19 of 20 may have their requests. */
const LATE_S = 5;
const LONE = 20;
const LONE_PER_SECOND = 2;

/** Of the crowd's alerts in a webhook, and how many webhooks come at once. */
const IN_WEBHOOK = 500;
const AT_ONCE = 4;

const GATEWAY = {
  ENABLE_STORM_BUFFERING: "true",
  STORM_FIRST_REQUEST_SECONDS: `${WINDOW_S}`,
  STORM_RULE_CROWD: JSON.stringify({ match: { alertname: "KubePodCrashLooping" }, bypass: true }),
};

/** A cluster of its own with two namespaces that a relay watches. */
interface Place {
  readonly installation: Installation;
  readonly own: OwnRedis;
  readonly crowded: string;
  readonly other: string;
}

async function within(work: (place: Place) => Promise<void>): Promise<void> {
  const [own, crowded, other] = await Promise.all([startOwnRedis(), freshNamespace("crowded"), freshNamespace("other")]);
  const installation = await startInstallation({
    bridge: own.bridge,
    gateway: GATEWAY,
    proxies: [relaySettings(own.bridge, [other, crowded])],
  });
  try {
    await untilRelayed(installation, other);
    await work({ installation, own, crowded, other });
  } finally {
    await installation.stop();
    await own.stop();
  }
}

/** Sends a webhook again after each 503, as Alertmanager does: what was decided of it is not decided anew. */
async function sendUntilTaken(to: Installation, alerts: readonly AlertLabels[]): Promise<void> {
  const webhook = { ...webhookOf(...alerts.map((labels) => alertOf(labels))), groupKey: freshName("group") };
  for (;;) {
    const { status, body } = await post(to, webhook);
    if (status < 300) return;
    if (status !== 503) throw new Error(`a webhook of the crowd was answered ${status}: ${JSON.stringify(body)}`);
  }
}

/** Sends the crowd, and then the lone alerts. `enough`: so many of the crowd have to wait still when the last lone alert has its request. */
async function figuresOf({ installation, own, crowded, other }: Place, name: string, size: number, enough: number): Promise<Figure[]> {
  const startedMs = performance.now();
  const left = Array.from({ length: size / IN_WEBHOOK }, (_, at) => at * IN_WEBHOOK).values();
  const send = async () => {
    for (const from of left) await sendUntilTaken(installation, crowd(IN_WEBHOOK, { namespace: crowded }, from));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, send));
  const [sentMs, waitedFor] = [performance.now() - startedMs, await own.owed(installation.cluster)];
  const waits = await waitsOfLone(installation, other, LONE, LONE_PER_SECOND);
  const waiting = await own.owed(installation.cluster);
  tell(`${name}: ${waits.map((ms) => Math.round(ms)).join(" ")} ms`);
  return [
    { name: `${name}-sent`, value: sentMs / 1_000, unit: "s" },
    { name: `${name}-waiting-before`, value: waitedFor, unit: "alerts" },
    { name: `${name}-waiting-after`, value: waiting, unit: "alerts", bar: { atLeast: enough } },
    { name: `${name}-lone-alert-request-p50`, value: percentile(waits, 0.5) / 1_000, unit: "s" },
    { name: `${name}-lone-alert-request-p95`, value: percentile(waits, 0.95) / 1_000, unit: "s", bar: { atMost: WINDOW_S + LATE_S } },
    { name: `${name}-lone-alert-request-max`, value: Math.max(...waits) / 1_000, unit: "s" },
  ];
}

it("a lone alert beside 5,000 of a namespace that a policy refuses", async (context) => {
  await within(async (place) => {
    const allow = await denyByPolicy(place.crowded, "Forbidden");
    try {
      expect(await untilAnswered(place.crowded, true)).toBe(403);
      report(context, await figuresOf(place, "beside-5000-refused", 5_000, 5_000));
    } finally {
      await allow();
    }
  });
});

it("a lone alert beside 20,000 of a healthy namespace", async (context) => {
  // Those that wait are fewer from one moment to the next.
  await within(async (place) => report(context, await figuresOf(place, "beside-20000-healthy", 20_000, 1)));
});
