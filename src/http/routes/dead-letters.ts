import type { Context } from "hono";
import { Hono } from "hono/tiny";
import * as v from "valibot";
import { parseTimestamp } from "../../domain/timestamp.ts";
import { discardLetters } from "../../flows/discard-letters.ts";
import { type Replayed, replayDeadLetter } from "../../flows/replay-dead-letter.ts";
import { type DeadLetter, LETTER_KINDS, type LetterFilter } from "../../ports/ledger.ts";
import { parseAgain } from "../../sources/parse-again.ts";
import { audited } from "../audit.ts";
import { requireAdmin, sourceNamed } from "../middleware/credentials.ts";
import { requireJsonType } from "../middleware/json-body.ts";
import { problem, RETRY_AFTER } from "../problem.ts";
import { clusterOf, PAGE, timeText } from "../query.ts";
import type { Cluster, Env, Services } from "../services.ts";

const Query = v.object({ cluster: v.optional(v.string()), kind: v.optional(v.picklist(LETTER_KINDS)), ...PAGE });

/** Whose letters are meant. What is not understood is refused: it might have spared some. */
const Meant = v.strictObject({
  cluster: v.optional(v.string()),
  kind: v.optional(v.picklist(LETTER_KINDS)),
  source: v.optional(v.pipe(v.string(), v.regex(/^\w{1,40}$/))),
  before: v.optional(v.pipe(v.unknown(), v.transform(parseTimestamp), v.number(), v.integer(), v.minValue(0))),
});

/** How long a request goes on discarding. */
const DISCARD_WITHIN_MS = 5_000;

const ID = /^[0-9a-f]{64}$/;

const unknownLetter = () => problem(404, "dead-letter-unknown", "there is no dead letter of this id");

/** `GET /`, `POST /discard`, `GET /{id}`, `POST /{id}/replay` and `POST /{id}/discard`: alerts that cannot be judged, and requests that cannot be made. */
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
    .post("/discard", requireJsonType, (c) => discardMany(c, services))
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

/** Discards what a query means, as far as it gets. */
async function discardMany(c: Context<Env>, services: Services): Promise<Response> {
  const query = v.safeParse(Meant, c.req.query());
  const { cluster: name, before: beforeMs, ...rest } = query.success ? query.output : {};
  const filter: LetterFilter = { ...rest, beforeMs };
  if (Object.values(filter).every((told) => told === undefined))
    return problem(
      400,
      "query-invalid",
      `tell one or more of kind (${LETTER_KINDS.join(", ")}), source, before (a time), and nothing else but cluster`,
    );
  const cluster = clusterOf(services.clusters, name);
  if (cluster instanceof Response) return cluster;
  const endsMs = services.now() + DISCARD_WITHIN_MS;
  const parts = { ledger: cluster.ledger, pause: services.pause, hasTime: () => services.now() < endsMs };
  let done = { discarded: 0, more: true };
  await audited(services.log, c, { action: "dead-letters-discard", cluster: cluster.name, subject: subjectOf(filter) }, async () => {
    done = await discardLetters(parts, filter);
    return done.discarded > 0;
  });
  return c.json({ cluster: cluster.name, ...done });
}

const subjectOf = ({ kind, source, beforeMs }: LetterFilter): string =>
  Object.entries({ kind, source, before: beforeMs === undefined ? undefined : timeText(beforeMs) })
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]))
    .join(" ");

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
  const { id, reason, signalType, payload: text } = letter;
  const cause = { fingerprint: id, instance: id, namespace: "", reason: reason as "not-an-object" };
  return alert ?? { kind: "invalid", ...cause, signalType, payload: text };
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
