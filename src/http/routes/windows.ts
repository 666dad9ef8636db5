import { Hono } from "hono/tiny";
import * as v from "valibot";
import type { Member, WindowSight } from "../../ports/ledger.ts";
import { audited } from "../audit.ts";
import { requireAdmin } from "../middleware/credentials.ts";
import { requireJsonType } from "../middleware/json-body.ts";
import { problem } from "../problem.ts";
import { clusterOf, PAGE, timeText, whole } from "../query.ts";
import type { Env, Services } from "../services.ts";

const ListQuery = v.object({ cluster: v.optional(v.string()), ...PAGE });
const ShowQuery = v.object({ cluster: v.optional(v.string()), after: whole(0, 0, 100_000), limit: PAGE.limit });

const SUBJECT = /^[0-9a-f]{64}\.[0-9a-f]{32}$/;

const unknownWindow = (detail: string) => problem(404, "window-unknown", detail);

/** `GET /`, `GET /{id}` and `POST /{id}/flush`: the windows in which alerts wait for others, and storms under way. */
export function windowRoutes({ credentials, clusters, log }: Services): Hono<Env> {
  return new Hono<Env>()
    .use("*", requireAdmin(credentials))
    .get("/", async (c) => {
      const query = v.safeParse(ListQuery, c.req.query());
      if (!query.success) return problem(400, "query-invalid", "offset is 0 to 100000, limit 1 to 500");
      const cluster = clusterOf(clusters, query.output.cluster);
      if (cluster instanceof Response) return cluster;
      const { total, windows } = await cluster.ledger.windows(query.output.offset, query.output.limit);
      return c.json({ cluster: cluster.name, total, windows: windows.map(showWindow) });
    })
    .get("/:id", async (c) => {
      const query = v.safeParse(ShowQuery, c.req.query());
      if (!query.success) return problem(400, "query-invalid", "after is 0 to 100000, limit 1 to 500");
      const cluster = clusterOf(clusters, query.output.cluster);
      if (cluster instanceof Response) return cluster;
      const { after, limit } = query.output;
      const subject = c.req.param("id");
      const found = SUBJECT.test(subject) ? await cluster.ledger.window(subject, after, limit) : null;
      if (!found) return unknownWindow("there is no window of this id");
      return c.json({ cluster: cluster.name, window: showWindow(found.window), members: found.members.map(showMember) });
    })
    .post("/:id/flush", requireJsonType, async (c) => {
      const cluster = clusterOf(clusters, c.req.query("cluster"));
      if (cluster instanceof Response) return cluster;
      const subject = c.req.param("id");
      if (!SUBJECT.test(subject)) return unknownWindow("there is no window of this id");
      const change = { action: "window-flush", cluster: cluster.name, subject } as const;
      if (!(await audited(log, c, change, () => cluster.ledger.flush(subject)))) return unknownWindow("there is no open window of this id");
      cluster.wake();
      return c.json({ cluster: cluster.name, id: subject, flushed: true }, 202);
    });
}

function showWindow({
  subject: id,
  openedAtMs,
  dueAtMs,
  request: remediationRequest,
  occurrences: occurrenceCount,
  ...window
}: WindowSight) {
  const dueAt = dueAtMs === null ? null : timeText(dueAtMs);
  return { id, ...window, occurrenceCount, openedAt: timeText(openedAtMs), dueAt, remediationRequest };
}

function showMember({ seq, fingerprint, target, draft: { spec } }: Member) {
  const { severity, signalSource: source, firingTime: startsAt, signalLabels: labels } = spec;
  return { seq, fingerprint, target, severity, source, startsAt, labels };
}
