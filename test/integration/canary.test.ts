import { setTimeout as sleep } from "node:timers/promises";
import { describe, it, vi } from "vitest";
import type { Feature } from "../../src/domain/feature.ts";
import { EVIDENCE_LEAST, PROOFS_MAX, VOTES_LEAST } from "../../src/domain/ledger-limits.ts";
import { featureOf, RULES, type Rule } from "../../src/domain/rule.ts";
import { DRIVES, type Scene, STORMS } from "../support/canary-drives.ts";
import { type Installation, READ_TOKEN, relaySettings, startInstallation } from "../support/installation.ts";
import { type KubernetesFront, openKubernetesFront } from "../support/kubernetes-front.ts";
import { type OwnRedis, startOwnRedis } from "../support/own-redis.ts";
import type { AnyPart } from "../support/part.ts";
import { createPartHere } from "../support/part-here.ts";
import { samplesOf } from "../support/read-metrics.ts";
import { freshNamespace } from "../support/real-parts.ts";
import { endRequest, requestNamed } from "../support/requests.ts";
import { alertOf, fire, post, webhookOf } from "../support/sender.ts";
import { crowd, sha256 } from "../support/storms.ts";

// They mostly wait.
vi.setConfig({ maxConcurrency: 24 });

/** Between two votes; a minute everywhere else. */
const VOTE_MS = 1_000;

/** Half as long is usual; a machine with much else to do takes its time. */
const TIMEOUT_MS = 280_000;

const WITHIN = { timeout: 60_000, interval: 1_000 };

/** How often a vote is looked for before the next unit. */
const LOOKS_MAX = 3;

const ADMIN_TOKEN = "admin-token-of-the-tests";

interface RuleShown {
  readonly rule: Rule;
  readonly state: string;
  readonly votes: number;
  readonly units: number;
  readonly mean: number | null;
  readonly limit: number;
  readonly evidence: number;
  readonly blind: boolean;
  readonly alerts: readonly string[];
}

interface FeatureShown {
  readonly feature: Feature;
  readonly percent: number;
  readonly rules: readonly RuleShown[];
  readonly rollback: (RuleShown & { readonly at: string; readonly windowMinutes: number }) | null;
}

type To = Pick<Installation<AnyPart>, "gateway">;

const ask = (path: string, { gateway }: To, token: string, init: RequestInit = {}) =>
  fetch(new URL(path, gateway.url), { ...init, headers: { authorization: `Bearer ${token}`, "content-type": "application/json" } });

async function featuresOf(to: To): Promise<readonly FeatureShown[]> {
  const answer = await ask("/api/v1/admin/flags", to, ADMIN_TOKEN);
  const { clusters } = (await answer.json()) as { clusters?: readonly { features: readonly FeatureShown[] }[] };
  const features = clusters?.[0]?.features ?? [];
  // A ledger may not answer for a moment, and has no rules before it was first drained.
  if (features.some(({ rules }) => rules.length > 0)) return features;
  await sleep(VOTE_MS);
  return featuresOf(to);
}

interface Shown {
  readonly flag: FeatureShown;
  readonly sight: RuleShown;
}

async function lookAt(to: To, rule: Rule): Promise<Shown> {
  const flag = (await featuresOf(to)).find(({ feature }) => feature === featureOf(rule));
  const sight = flag?.rules.find((one) => one.rule === rule);
  if (!flag || !sight) throw new Error(`no rule ${rule}`);
  return { flag, sight };
}

async function change(to: To, feature: Feature, acknowledge?: Rule): Promise<number> {
  const body = JSON.stringify({ feature, share: null, reason: "mended", acknowledge });
  return (await ask("/api/v1/admin/flags", to, ADMIN_TOKEN, { method: "POST", body })).status;
}

async function stepsOf(to: To, fingerprint: string): Promise<readonly { readonly event: string; readonly reason: string | null }[]> {
  const answer = await ask(`/api/v1/receipts?fingerprint=${fingerprint}`, to, READ_TOKEN);
  return ((await answer.json()) as { steps: { event: string; reason: string | null }[] }).steps;
}

async function rollbacksOf(to: To): Promise<readonly string[]> {
  const samples = samplesOf(await (await ask("/metrics", to, READ_TOKEN)).text());
  return samples.flatMap(({ name, labels, value }) =>
    name === "gateway_canary_rollbacks_total" && value > 0 ? [`${labels.feature} ${labels.rule} ${value}`] : [],
  );
}

const rollbacksLogged = ({ gateway }: To): readonly unknown[] =>
  gateway
    .output()
    .split("\n")
    .map((line) => JSON.parse(line) as { event: string; feature?: string; rule?: string })
    .filter(({ event }) => event === "feature-rolled-back")
    .map(({ feature, rule }) => `${feature} ${rule}`);

/** Sets a rule's scene, lets it be played, and takes all down again. */
async function onScene(rule: Rule, play: (scene: Scene) => Promise<void>): Promise<void> {
  const { gateway = {}, proxies } = DRIVES[rule];
  const [good, bad] = [await freshNamespace("good"), await freshNamespace("bad")];
  const cleanUp: Scene["cleanUp"] = [];
  const installation = await startInstallation({
    gateway: { ...gateway, ADMIN_TOKEN_SHA256: sha256(ADMIN_TOKEN) },
    proxies: proxies(good, bad),
    createPart: createPartHere(VOTE_MS),
  });
  try {
    await play({ installation, good, bad, cleanUp });
  } finally {
    for (const clean of cleanUp) await clean();
    await installation.stop();
  }
}

/** A gateway looks what is due where alerts come in; one that resolves what nobody knows of changes nothing. */
const stir = ({ installation, good: namespace }: Scene) =>
  post(installation, webhookOf(alertOf({ namespace, pod: "unknown" }, "resolved")));

interface Course {
  readonly isBad: (at: number) => boolean;
  readonly isOver: (shown: Shown) => boolean;
}

/** Brings about one unit after another, each of a vote of its own where they come soon enough, until it is over; the number of the next one. */
async function drive(scene: Scene, rule: Rule, from: number, { isBad, isOver }: Course): Promise<number> {
  const units: Promise<unknown>[] = [];
  let failed: unknown = null;
  for (let at = from; ; at += 1) {
    const before = await lookAt(scene.installation, rule);
    if (isOver(before)) {
      await Promise.all(units);
      return at;
    }
    units.push(
      DRIVES[rule].unit(scene, at, isBad(at)).catch((error: unknown) => {
        failed = error;
      }),
    );
    for (let looks = 0; looks < LOOKS_MAX; looks += 1) {
      await stir(scene);
      await sleep(VOTE_MS);
      if (failed) throw failed;
      if ((await lookAt(scene.installation, rule)).sight.votes > before.sight.votes) break;
    }
  }
}

describe.concurrent("a rule", () => {
  it.for(RULES)(
    "%s passes just below its limit, and beyond it turns its feature off until somebody acknowledges it by its name",
    { timeout: TIMEOUT_MS },
    async (rule, { expect }) => {
      const feature = featureOf(rule);
      const { prepare, badEvery } = DRIVES[rule];
      await onScene(rule, async (scene) => {
        const { installation } = scene;
        await prepare?.(scene);
        const below = await drive(scene, rule, 0, {
          isBad: (at) => at % badEvery === 0,
          isOver({ flag, sight }) {
            expect([flag.percent, sight.blind]).toEqual([100, false]);
            return sight.votes >= VOTES_LEAST && sight.state === "pass";
          },
        });

        // A few bad minutes may be chance.
        const { votes } = (await lookAt(installation, rule)).sight;
        const few = await drive(scene, rule, below, {
          isBad: () => true,
          isOver: ({ flag, sight }) => flag.percent === 0 || sight.votes >= votes + 4,
        });
        const { flag, sight } = await lookAt(installation, rule);
        expect([flag.percent, flag.rollback, sight.state]).toEqual([100, null, "not-enough"]);
        expect(sight.mean).toBeGreaterThan(sight.limit);

        await drive(scene, rule, few, { isBad: () => true, isOver: (shown) => shown.flag.percent === 0 });
        const { rollback } = (await lookAt(installation, rule)).flag;
        if (!rollback) return expect.fail("no proof");
        expect(rollback).toMatchObject({ rule, state: "breach", limit: sight.limit });
        expect(rollback.mean).toBeGreaterThan(rollback.limit);
        expect(rollback.evidence).toBeGreaterThanOrEqual(EVIDENCE_LEAST);
        expect(rollback.units).toBeGreaterThanOrEqual(rollback.votes);
        expect(rollback.alerts.length).toBeGreaterThan(0);
        expect(rollback.alerts.length).toBeLessThanOrEqual(PROOFS_MAX);
        for (const fingerprint of rollback.alerts) {
          expect(await stepsOf(installation, fingerprint)).toContainEqual(expect.objectContaining({ event: "rule-broken", reason: rule }));
        }
        expect(await rollbacksOf(installation)).toContain(`${feature} ${rule} 1`);
        expect(rollbacksLogged(installation)).toContain(`${feature} ${rule}`);
        expect(await decidesWith(feature, scene)).toBe(false);

        expect(await change(installation, feature)).toBe(409);
        expect(
          await change(
            installation,
            feature,
            RULES.find((other) => other !== rule),
          ),
        ).toBe(409);
        expect(await decidesWith(feature, scene)).toBe(false);
        expect(await change(installation, feature, rule)).toBe(200);
        await expect.poll(() => decidesWith(feature, scene), WITHIN).toBe(true);
      });
    },
  );
});

/** Whether a new alert is decided with a feature. */
async function decidesWith(feature: Feature, { installation, good: namespace }: Scene): Promise<boolean> {
  const alert = { namespace, alertname: "New", pod: `pod-${performance.now()}` };
  const { result: first } = await fire(installation, alert);
  if (feature === "storm-buffering") return first?.outcome === "buffered";
  const name = `${first?.remediationRequest?.name}`;
  await endRequest(await requestNamed(namespace, name));
  for (;;) {
    const { result } = await fire(installation, alert);
    if (result?.reason === "within-fallback-time") return false;
    // A state may be believed for a while.
    if (result?.remediationRequest && result.remediationRequest.name !== name) return true;
    await sleep(500);
  }
}

/** What operators' alerts are like, until it is told to stop: lone ones, repeats and storms; some requests end. Nobody minds what is answered. */
async function traffic({ installation, good: namespace }: Scene, isOver: () => boolean): Promise<void> {
  for (let at = 0; !isOver(); at += 1) {
    const lone = { namespace, alertname: `Lone${at}` };
    const repeated = { namespace, alertname: `Lone${Math.max(0, at - 12)}` };
    const sent = [fire(installation, lone), fire(installation, repeated)];
    if (at % 4 === 0)
      sent.push(post(installation, webhookOf(...crowd(7, { namespace, alertname: `Storm${at}` }).map((one) => alertOf(one)))));
    const answers = await Promise.all(sent.map((answer) => answer.catch(() => null)));
    const name = answers[1]?.result?.remediationRequest?.name;
    if (name && at % 3 === 0) await endRequest(await requestNamed(namespace, name)).catch(() => {});
    await sleep(VOTE_MS / 4);
  }
}

interface Parts {
  readonly redis: OwnRedis;
  readonly front: KubernetesFront;
}

interface Outage {
  readonly of: string;
  strike(parts: Parts): unknown;
  mend(parts: Parts): unknown;
}

const OUTAGES: readonly Outage[] = [
  { of: "Redis", strike: ({ redis }) => redis.kill(), mend: ({ redis }) => redis.start() },
  { of: "the API server, to which nobody gets through,", strike: ({ front }) => front.cut(), mend: ({ front }) => front.open() },
  { of: "the API server, which answers nobody,", strike: ({ front }) => front.hold(), mend: ({ front }) => front.open() },
  { of: "the API server, which turns most requests away,", strike: ({ front }) => front.throttle(), mend: ({ front }) => front.open() },
];

describe.concurrent("an outage", () => {
  it.for(OUTAGES.map((outage) => [outage.of, outage] as const))(
    "of %s turns nothing off, though alerts come in throughout",
    { timeout: TIMEOUT_MS },
    async ([, { strike, mend }], { expect }) => {
      const redis = await startOwnRedis({ durable: true });
      const front = await openKubernetesFront();
      const [good, bad] = [await freshNamespace("good"), await freshNamespace("bad")];
      const installation = await startInstallation({
        bridge: redis.bridge,
        kubernetesUrl: front.url,
        gateway: { ...STORMS, DEDUP_STATE_TTL_SECONDS: "0", ADMIN_TOKEN_SHA256: sha256(ADMIN_TOKEN) },
        proxies: [relaySettings(redis.bridge, [good, bad])],
        createPart: createPartHere(VOTE_MS),
      });
      const scene = { installation, good, bad, cleanUp: [] };
      let isOver = false;
      const sending = traffic(scene, () => isOver);
      try {
        const rules = async () => (await featuresOf(installation)).flatMap((feature) => feature.rules);
        const votes = async () => (await rules()).reduce((sum, rule) => sum + rule.votes, 0);
        await expect.poll(votes, WITHIN).toBeGreaterThan(10);
        const before = await votes();
        await strike({ redis, front });
        await sleep(30 * VOTE_MS);
        await mend({ redis, front });
        await expect.poll(votes, WITHIN).toBeGreaterThan(before + 10);
        expect((await featuresOf(installation)).map(({ percent, rollback }) => [percent, rollback])).toEqual([
          [100, null],
          [100, null],
        ]);
        expect(await rollbacksOf(installation)).toEqual([]);
        // Not even half the way there, as evidence multiplies.
        expect((await rules()).filter(({ evidence }) => evidence > Math.sqrt(EVIDENCE_LEAST))).toEqual([]);
      } finally {
        isOver = true;
        await sending;
        await installation.stop();
        await front.close();
        await redis.stop();
      }
    },
  );
});
