import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { denyByPolicy, untilAnswered } from "../../../test/support/admission.ts";
import { type Installation, startInstallation } from "../../../test/support/installation.ts";
import { type OwnRedis, startOwnRedis } from "../../../test/support/own-redis.ts";
import { freshName, freshNamespace } from "../../../test/support/real-parts.ts";
import { type Answer, alertOf, post, webhookOf } from "../../../test/support/sender.ts";
import { sendEvenly } from "../bench.ts";
import { type Figure, percentile, report } from "../figure.ts";
import { tell } from "../progress.ts";

// Two sources of one gateway. The calm one sends an alert at a time; the noisy one sends twenty for each of those, one by one or in webhooks of twenty.

const CALM_PER_SECOND = 5;
const TIMES = 20;
const MANNERS = { "one-by-one": 1, "in-twenties": TIMES } as const;
type Manner = keyof typeof MANNERS;

/** Alone and beside the noisy one in turn, so that what else the machine does falls on both. */
const ROUNDS = 4;
const ALERTS_OF_ROUND = 100;

/** For the measurements of what is refused. */
const SHORT_ROUND = 60;

interface Neighbours {
  /** One alert, never sent before. */
  calm(): Promise<Answer>;
  /** A webhook of alerts that were never sent before. */
  noisy(alerts: number): Promise<Answer>;
}

interface Options {
  readonly gateway?: Readonly<Record<string, string>>;
  readonly noisy?: { readonly alertsPerMinute: number };
  /** Of the noisy source; those of each webhook come from the next one. */
  readonly namespaces?: readonly string[];
}

async function within(options: Options, work: (neighbours: Neighbours) => Promise<void>): Promise<void> {
  const [calmToken, noisyToken] = [freshName("calm"), freshName("noisy")];
  const auth = (token: string) => [{ bearerSha256: createHash("sha256").update(token).digest("hex") }];
  const [calmNamespace, noisyNamespace, own]: [string, string, OwnRedis] = await Promise.all([
    freshNamespace("calm"),
    freshNamespace("noisy"),
    startOwnRedis(),
  ]);
  const installation: Installation = await startInstallation({
    bridge: own.bridge,
    gateway: {
      SOURCE_CALM: JSON.stringify({ auth: auth(calmToken) }),
      SOURCE_NOISY: JSON.stringify({ auth: auth(noisyToken), ...options.noisy }),
      ...options.gateway,
    },
  });
  const { gateway } = installation;
  const namespaces = options.namespaces ?? [noisyNamespace];
  let [calmSent, noisySent, webhooks] = [0, 0, 0];
  try {
    await work({
      calm: () =>
        post({ gateway, sourceToken: calmToken }, webhookOf(alertOf({ namespace: calmNamespace, alertname: `Lone${calmSent++}` }))),
      noisy(count) {
        const namespace = namespaces[webhooks++ % namespaces.length] as string;
        const alerts = Array.from({ length: count }, () => alertOf({ namespace, pod: `pod-${noisySent++}` }));
        return post({ gateway, sourceToken: noisyToken }, webhookOf(...alerts));
      },
    });
  } finally {
    await installation.stop();
    await own.stop();
  }
}

const sendCalm = ({ calm }: Neighbours, alerts: number) => sendEvenly(alerts, CALM_PER_SECOND, calm);

/** The answers of both, of which the noisy one sends as long as the calm one does. */
async function sendBoth(neighbours: Neighbours, calmAlerts: number, manner: Manner) {
  const inWebhook = MANNERS[manner];
  const [webhooks, perSecond] = [(calmAlerts * TIMES) / inWebhook, (CALM_PER_SECOND * TIMES) / inWebhook];
  const [calm, noisy] = await Promise.all([
    sendCalm(neighbours, calmAlerts),
    sendEvenly(webhooks, perSecond, () => neighbours.noisy(inWebhook)),
  ]);
  return { calm, noisy };
}

const refused = (answers: readonly Answer[]) => answers.filter(({ status }) => status === 503).length;
const took = (answers: readonly Answer[]) => answers.map(({ tookMs }) => tookMs);

it("how fast a source is answered, alone and beside one that sends twenty times as much", { timeout: 600_000 }, async (context) => {
  await within({ gateway: { ENABLE_STORM_BUFFERING: "true" } }, async (neighbours) => {
    await sendBoth(neighbours, 20, "one-by-one"); // what is compiled at its first use
    const alone: number[] = [];
    const beside: Record<Manner, number[]> = { "one-by-one": [], "in-twenties": [] };
    for (let round = 0; round < ROUNDS; round += 1) {
      alone.push(...took(await sendCalm(neighbours, ALERTS_OF_ROUND)));
      for (const manner of Object.keys(MANNERS) as Manner[]) {
        const { calm, noisy } = await sendBoth(neighbours, ALERTS_OF_ROUND, manner);
        expect(refused([...calm, ...noisy])).toBe(0);
        beside[manner].push(...took(calm));
      }
      tell(`round ${round + 1}: alone ${percentile(alone, 0.99)}, beside ${Object.values(beside).map((all) => percentile(all, 0.99))} ms`);
    }
    report(context, [
      { name: "calm-answer-alone-p50", value: percentile(alone, 0.5), unit: "ms" },
      { name: "calm-answer-alone-p99", value: percentile(alone, 0.99), unit: "ms" },
      ...(Object.keys(MANNERS) as Manner[]).flatMap((manner): Figure[] => {
        const p99 = percentile(beside[manner], 0.99);
        const name = `calm-answer-beside-${manner}`;
        return [
          { name: `${name}-p50`, value: percentile(beside[manner], 0.5), unit: "ms" },
          { name: `${name}-p99`, value: p99, unit: "ms", bar: { atMost: 100 } },
          { name: `${name}-p99-to-alone`, value: p99 / percentile(alone, 0.99), unit: "times", bar: { atMost: 2 } },
        ];
      }),
    ]);
  });
});

/** What both heard. The noisy one hears 503, or nothing would have been measured. */
const refusalsOf = (name: string, { calm, noisy }: Awaited<ReturnType<typeof sendBoth>>): Figure[] => [
  { name: `${name}-calm-refused`, value: refused(calm), unit: "webhooks", bar: { atMost: 0 } },
  { name: `${name}-calm-taken`, value: calm.filter(({ status }) => status < 300).length, unit: "webhooks", bar: { atLeast: calm.length } },
  { name: `${name}-noisy-refused`, value: refused(noisy), unit: "webhooks", bar: { atLeast: 1 } },
];

it("who hears 503 where one source fills all the room that it has", async (context) => {
  // A namespace has a fifth of the room, so that six would fill all of it.
  const namespaces = await Promise.all(Array.from({ length: 6 }, () => freshNamespace("filled")));
  const allow = await Promise.all(namespaces.map((namespace) => denyByPolicy(namespace, "Forbidden")));
  try {
    await Promise.all(namespaces.map((namespace) => untilAnswered(namespace, true)));
    await within({ gateway: { INTENTS_MAX: "300" }, namespaces }, async (neighbours) => {
      report(context, refusalsOf("room", await sendBoth(neighbours, SHORT_ROUND, "in-twenties")));
    });
  } finally {
    await Promise.all(allow.map((one) => one()));
  }
});

it("who hears 503 where one source sends more than its alerts a minute", async (context) => {
  // Saved up are a minute's alerts, or as many as a webhook may hold if that is more.
  const gateway = { ENABLE_STORM_BUFFERING: "true", MAX_ALERTS_PER_REQUEST: "100" };
  await within({ gateway, noisy: { alertsPerMinute: 300 } }, async (neighbours) => {
    for (const manner of Object.keys(MANNERS) as Manner[])
      report(context, refusalsOf(`rate-${manner}`, await sendBoth(neighbours, SHORT_ROUND, manner)));
  });
});
