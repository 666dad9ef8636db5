import { type Context, Hono } from "hono";
import * as v from "valibot";
import { type Replayed, replayDeadLetter } from "../../flows/replay-dead-letter.ts";
import { type DeadLetter, LETTER_KINDS } from "../../ports/ledger.ts";
import { parseAgain } from "../../sources/parse-again.ts";
import { audited } from "../audit.ts";
import { requireAdmin, sourceNamed } from "../middleware/credentials.ts";
import { requireJsonType } from "../middleware/json-body.ts";
import { problem, RETRY_AFTER } from "../problem.ts";
import { clusterOf, PAGE, timeText } from "../query.ts";
import type { Cluster, Env, Services } from "../services.ts";

const Query = v.object({ cluster: v.optional(v.string()), kind: v.optional(v.picklist(LETTER_KINDS)), ...PAGE });

const ID = /^[0-9a-f]{64}$/;

const unknownLetter = () => problem(404, "dead-letter-unknown", "there is no dead letter of this id");

/** `GET /`, `GET /{id}`, `POST /{id}/replay` and `POST /{id}/discard`: alerts that cannot be judged, and requests that cannot be made. */
export function deadLetterRoutes(services: Services): Hono<Env> {
  const { credentials, clusters } = services;
  return new Hono<Env>()
    .use("*", requireAdmin(credentials))
    .get("/", async (c) => {
      const query = v.safeParse(Query, c.req.query());
      if (!query.success) return problem(400, "query-invalid", `offset is 0 to 100000, limit 1 to 500, kind ${LETTER_KINDS.join(", ")}`);
      const cluster = clusterOf(clusters, query.output.cluster);
      if (cluster instanceof Response) return cluster;
      const { offset, limit, kind } = query.output;
      const { total, letters } = await cluster.ledger.deadLetters(offset, limit, kind);
      return c.json({ cluster: cluster.name, total, deadLetters: letters.map(show) });
    })
    .get("/:id", async (c) => {
      const cluster = clusterOf(clusters, c.req.query("cluster"));
      if (cluster instanceof Response) return cluster;
      const id = c.req.param("id");
      const letter = ID.test(id) ? await cluster.ledger.deadLetter(id) : null;
      return letter ? c.json({ cluster: cluster.name, deadLetter: show(letter) }) : unknownLetter();
    })
    .post("/:id/replay", requireJsonType, async (c) => {
      const cluster = clusterOf(clusters, c.req.query("cluster"));
      if (cluster instanceof Response) return cluster;
      const id = c.req.param("id");
      return ID.test(id) ? replay(c, services, cluster, id) : unknownLetter();
    })
    .post("/:id/discard", requireJsonType, async (c) => {
      const cluster = clusterOf(clusters, c.req.query("cluster"));
      if (cluster instanceof Response) return cluster;
      const id = c.req.param("id");
      if (!ID.test(id)) return unknownLetter();
      const change = { action: "dead-letter-discard", cluster: cluster.name, subject: id } as const;
      if (!(await audited(services.log, c, change, () => cluster.ledger.discard(id)))) return unknownLetter();
      return c.json({ cluster: cluster.name, id, discarded: true });
    });
}

async function replay(c: Context<Env>, services: Services, cluster: Cluster, id: string): Promise<Response> {
  const { name } = cluster;
  let replayed: Replayed = { kind: "unknown" };
  await audited(services.log, c, { action: "dead-letter-replay", cluster: name, subject: id }, async () => {
    replayed = await replayDeadLetter(cluster.ingest(c.env.background), id, (letter, payload) =>
      readAgain(services, name, letter, payload),
    );
    return replayed.kind === "opened" || replayed.kind === "decided";
  });
  return answer(c, cluster, id, replayed);
}

/** As its source would send it now: under the namespaces and the environment that the settings give it today. */
async function readAgain({ credentials, targetRules, now }: Services, clusterName: string, letter: DeadLetter, payload: unknown) {
  const source = sourceNamed(credentials, letter.source, clusterName);
  if (!source) return null;
  const { name, cluster, environment, namespaces } = source;
  const context = { source: name, cluster, environment, namespaces, targetRules, explains: false, nowMs: now() };
  const alert = await parseAgain(letter.signalType, payload, context);
  const { reason, signalType, payload: text } = letter;
  return alert ?? ({ kind: "invalid", fingerprint: letter.id, reason: reason as "not-an-object", signalType, payload: text } as const);
}

function answer(c: Context<Env>, cluster: Cluster, id: string, replayed: Replayed): Response {
  switch (replayed.kind) {
    case "opened":
      cluster.wake();
      return c.json({ cluster: cluster.name, id, replayed: "opened" }, 202);
    case "decided":
      cluster.wake();
      return c.json({ cluster: cluster.name, id, replayed: "decided", result: replayed.result });
    case "still-invalid":
      return problem(409, "still-invalid", `the alert cannot be judged today either: ${replayed.reason}`);
    case "payload-cut":
      return problem(409, "payload-cut", "the alert was larger than what is kept of one; have its source send it again");
    case "source-unknown":
      return problem(409, "source-unknown", "no source of this name sends to this cluster any more");
    case "overloaded":
      return problem(503, "overloaded", "no room for another request now; send it again", RETRY_AFTER);
    case "unknown":
      return unknownLetter();
  }
}

const show = ({ firstSeenMs, lastSeenMs, ...letter }: DeadLetter) => ({
  ...letter,
  firstSeen: timeText(firstSeenMs),
  lastSeen: timeText(lastSeenMs),
});
