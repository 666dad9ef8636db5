import type { Context, MiddlewareHandler } from "hono";
import type { Source } from "../../domain/source.ts";
import { problem, unauthorized } from "../problem.ts";
import type { Credentials, Env } from "../services.ts";
import { tokenHash } from "../token-hash.ts";

const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/i;

/** The sender when no source is set up: anybody on this machine. */
const LOCAL: Omit<Source, "cluster"> = {
  name: "local",
  bearerSha256: [],
  namespaces: ["*"],
  environment: null,
  backpressureStatus: 503,
  alertsPerMinute: null,
};

/** The source of this name as it is set up today, where it sends to this cluster. */
export function sourceNamed({ sources }: Credentials, name: string, cluster: string): Source | undefined {
  const all = sources.length === 0 ? [{ ...LOCAL, cluster }] : sources;
  return all.find((source) => source.name === name && source.cluster === cluster);
}

/** A page in somebody's browser can reach a loopback address too, but only under another host name. */
const notLoopback = (c: Context): Response | null =>
  LOOPBACK.test(c.req.header("host") ?? new URL(c.req.url).host)
    ? null
    : problem(403, "host-forbidden", "without a configured source only localhost, 127.0.0.1 and [::1] are served");

const hashIn = (c: Context) => tokenHash(c.req.header("authorization"));

/** Lets in senders of alerts, and says who it is. */
export const requireSource =
  ({ sources }: Credentials, clusters: ReadonlyMap<string, unknown>): MiddlewareHandler<Env> =>
  async (c, next) => {
    if (sources.length === 0) {
      const refused = notLoopback(c);
      if (refused) return refused;
      c.set("source", { ...LOCAL, cluster: [...clusters.keys()][0] as string });
      return next();
    }
    const hash = await hashIn(c);
    if (!hash) return unauthorized("send the source's token as a bearer token");
    const source = sources.find(({ bearerSha256 }) => bearerSha256.includes(hash));
    if (!source) return unauthorized("no source has this bearer token");
    c.set("source", source);
    return next();
  };

/** Lets in who may read; without a source, everybody on this machine. */
export const requireReader =
  ({ sources, read, admin }: Credentials): MiddlewareHandler<Env> =>
  async (c, next) => {
    if (sources.length === 0) return notLoopback(c) ?? next();
    const hash = await hashIn(c);
    if (!hash) return unauthorized("send a read or admin token as a bearer token");
    return read.includes(hash) || admin.includes(hash) ? next() : unauthorized("neither a read nor an admin token");
  };

/** Lets in who may read, and sources, of which it says who it is; without a source, everybody on this machine. */
export const requireReaderOrSource =
  ({ sources, read, admin }: Credentials): MiddlewareHandler<Env> =>
  async (c, next) => {
    if (sources.length === 0) return notLoopback(c) ?? next();
    const hash = await hashIn(c);
    if (!hash) return unauthorized("send a read or admin token, or the source's own, as a bearer token");
    if (read.includes(hash) || admin.includes(hash)) return next();
    const sender = sources.find(({ bearerSha256 }) => bearerSha256.includes(hash));
    if (!sender) return unauthorized("neither a read nor an admin token, nor a source's");
    c.set("sender", sender);
    return next();
  };

/** Whether it is somebody whom `requireReaderOrSource` lets in. */
export async function mayRead({ sources, read, admin }: Credentials, c: Context): Promise<boolean> {
  if (sources.length === 0) return notLoopback(c) === null;
  const hash = await hashIn(c);
  return hash !== null && [read, admin, ...sources.map(({ bearerSha256 }) => bearerSha256)].some((known) => known.includes(hash));
}

/** Lets in administrators only, everywhere, and says by which token. */
export const requireAdmin =
  ({ sources, read, admin }: Credentials): MiddlewareHandler<Env> =>
  async (c, next) => {
    const refused = sources.length === 0 ? notLoopback(c) : null;
    if (refused) return refused;
    const hash = await hashIn(c);
    if (!hash) return unauthorized("send an admin token as a bearer token");
    if (admin.includes(hash)) {
      c.set("administrator", hash.slice(0, 8));
      return next();
    }
    return read.includes(hash) ? problem(403, "forbidden", "a read token opens no admin route") : unauthorized("not an admin token");
  };
