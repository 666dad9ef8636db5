import type { Context } from "hono";
import { Hono } from "hono/tiny";
import * as v from "valibot";
import { FEATURES, type Feature, percentOf, SHARE } from "../../domain/feature.ts";
import { RULES, type Rule } from "../../domain/rule.ts";
import { ANSWER_WITHIN_MS } from "../../flows/ingest-alerts.ts";
import type { FlagBook, Override, Rollback, RuleSight } from "../../ports/ledger.ts";
import { audited } from "../audit.ts";
import { requireAdmin } from "../middleware/credentials.ts";
import { type BodyLimit, readJson } from "../middleware/json-body.ts";
import { problem, RETRY_AFTER } from "../problem.ts";
import { clusterOf, timeText } from "../query.ts";
import type { Cluster, Env, Services } from "../services.ts";

const BODY_BYTES_MAX = 16_384;

/** Shares by which a feature is given to more and more namespaces, in percent. */
const STEPS = [10, 25, 50, 75, 100];

const Change = v.strictObject({
  cluster: v.optional(v.string()),
  feature: v.picklist(FEATURES),
  share: v.nullable(v.union([v.boolean(), v.pipe(v.string(), v.regex(SHARE))])),
  reason: v.pipe(v.string(), v.regex(/\S/), v.maxLength(500)),
  acknowledge: v.optional(v.picklist(RULES)),
});

/** What is wrong, by the field that is first. */
const FAULTS: Readonly<Record<string, readonly [code: string, detail: string]>> = {
  feature: ["feature-unknown", `feature is one of ${FEATURES.join(", ")}`],
  share: ["share-invalid", 'share is "0%" to "100%" in whole percents, true, false, or null for none of its own'],
  reason: ["reason-invalid", "reason says why, in 1 to 500 characters"],
  acknowledge: ["rule-unknown", `acknowledge is one of ${RULES.join(", ")}`],
};
const OTHER = ["change-unexpected", "send an object of feature, share, reason and, where needed, acknowledge and cluster"] as const;

/** `GET /`: how the features stand, by cluster. `POST /`: overrides the share of one, or takes that back. */
export function flagRoutes(services: Services): Hono<Env> {
  const { credentials, clusters, log, newOperation } = services;
  return new Hono<Env>()
    .use("*", requireAdmin(credentials))
    .get("/", async (c) => {
      const named = c.req.query("cluster");
      const one = named === undefined ? null : clusterOf(clusters, named);
      if (one instanceof Response) return one;
      return c.json({ clusters: await Promise.all((one ? [one] : [...clusters.values()]).map(show)) });
    })
    .post("/", async (c) => {
      const change = await readChange(c, services);
      if (change instanceof Response) return change;
      const cluster = clusterOf(clusters, change.cluster);
      if (cluster instanceof Response) return cluster;
      const { feature, share, reason, acknowledge: acknowledged = null } = change;
      const percent = share === null ? null : percentOf(`${share}`);
      let refusal = "";
      let unacknowledged: Rule | null = null;
      const subject = `${feature}=${percent === null ? "setting" : `${percent}%`}`;
      const made = await audited(log, c, { action: "flag-set", cluster: cluster.name, subject }, async () => {
        const by = c.get("administrator");
        const set = await cluster.ledger.setFlag({ operation: newOperation(), feature, percent, by, reason, acknowledged });
        if (set.kind === "above") refusal = `an override only lowers; the setting is ${set.lowestSetting}%, raise that first`;
        if (set.kind === "unacknowledged") unacknowledged = set.rule;
        return set.kind === "set";
      });
      if (unacknowledged)
        return problem(409, "rollback-unacknowledged", `${unacknowledged} has turned it off: send that name as acknowledge`);
      if (!made) return problem(409, "share-above-setting", refusal);
      return c.json(await show(cluster));
    });
}

async function readChange(c: Context<Env>, { bodies, now }: Services): Promise<v.InferOutput<typeof Change> | Response> {
  const share = bodies.open();
  try {
    const rules = { bytesMax: BODY_BYTES_MAX, alertsMax: 1, takesLines: false, waitMs: ANSWER_WITHIN_MS, share, now };
    const json = await readJson(c, rules);
    if (json instanceof Response) return json;
    if (typeof json === "string") return refuse(json);
    const change = v.safeParse(Change, json.value);
    if (change.success) return change.output;
    const [code, detail] = FAULTS[String(change.issues[0].path?.[0]?.key)] ?? OTHER;
    return problem(422, code, detail);
  } finally {
    share.release();
  }
}

const refuse = (limit: BodyLimit): Response =>
  limit === "no-room" || limit === "body-late"
    ? problem(503, limit, "the body could not be taken; send it again", RETRY_AFTER)
    : problem(413, limit, "the body is too large");

async function show({ name, ledger }: Cluster) {
  const book = await ledger.flags();
  const changes = book.changes.map(({ atMs, ...change }) => ({ at: timeText(atMs), ...change }));
  return { cluster: name, features: book.features.map((flag) => showFeature(flag, book)), changes };
}

function showFeature({ feature, percent, setting, lowestSetting, override, lost, rollback }: FlagBook["features"][number], book: FlagBook) {
  const rules = book.rules.filter((rule) => rule.feature === feature);
  return {
    feature,
    percent,
    settingPercent: setting,
    lowestSettingPercent: lowestSetting,
    override: override && showOverride(feature, override, book),
    lost: lost && { percent: lost.percent, at: timeText(lost.atMs), noticedAt: timeText(lost.noticedAtMs) },
    arms: { on: outcomesOf(book, feature, "on"), off: outcomesOf(book, feature, "off") },
    rollback: rollback && showRollback(rollback),
    rules: rules.map(({ feature: _, proof, ...rule }) => ({ ...rule, alerts: proof })),
    next: nextStep(percent, rules),
  };
}

const showRollback = ({ atMs, proof, ...rollback }: Rollback) => ({ at: timeText(atMs), ...rollback, alerts: proof });

/** The next larger share, and which rules do not pass yet, as each has to; null: all namespaces have it. */
function nextStep(percent: number, rules: readonly RuleSight[]) {
  const next = STEPS.find((step) => step > percent);
  const missing = rules.filter(({ state }) => percent > 0 && state !== "pass");
  return next === undefined ? null : { percent: next, needs: missing.map(({ rule, state }) => ({ rule, state })) };
}

/** With who set it, and why, as long as that is among the last changes. */
function showOverride(feature: Feature, { percent, atMs }: Override, { changes }: FlagBook) {
  const { by = null, reason = null } =
    changes.find((change) => change.feature === feature && change.atMs === atMs && change.percent === percent) ?? {};
  return { percent, at: timeText(atMs), by, reason };
}

const outcomesOf = ({ arms }: FlagBook, feature: Feature, arm: "on" | "off"): Record<string, number> =>
  Object.fromEntries(arms.flatMap((one) => (one.feature === feature && one.arm === arm ? [[one.outcome, one.count] as const] : [])));
