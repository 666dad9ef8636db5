import * as v from "valibot";
import type { HostAndPort, RedisLogin } from "../domain/redis-target.ts";

/** What a URL says of a Redis. */
export interface RedisAddress {
  readonly at: HostAndPort;
  readonly login: RedisLogin | null;
  readonly database: number;
  readonly tls: boolean;
}

/** `redis[s]://[[user]:password@]host[:port][/database]`. Whatever else a URL could hold is refused, since it would be passed over. */
export const redisUrl = v.pipe(
  v.string(),
  v.rawTransform<string, RedisAddress>(({ dataset, addIssue, NEVER }) => {
    const read = readAddress(dataset.value);
    if (typeof read !== "string") return read;
    addIssue({ message: read });
    return NEVER;
  }),
);

/** The address, or what is wrong with it without a word of it. */
function readAddress(text: string): RedisAddress | string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^rediss?:$/.test(url.protocol)) {
    return "must be a redis or rediss URL; a password has its special characters percent-encoded";
  }
  const host = url.hostname.replace(/^\[|\]$/g, "");
  if (!/^[\w.:-]+$/.test(host)) return "must name a host";
  if (url.port === "0") return "must not name port 0";
  if (url.search || url.hash) return "must hold nothing behind ? or #: options have settings of their own";
  const database = /^\/?$/.test(url.pathname) ? "0" : /^\/(\d{1,6})$/.exec(url.pathname)?.[1];
  if (database === undefined) return "must end with the host, or with / and the number of a database";
  const [username, password] = [decoded(url.username), decoded(url.password)];
  if (username === null || password === null) return "must have a % in user and password written as %25";
  if (username !== "" && password === "") return "must have a password with its user, as user:password@";
  return {
    at: { host, port: Number(url.port || 6_379) },
    login: password === "" ? null : { username: username || null, password },
    database: Number(database),
    tls: url.protocol === "rediss:",
  };
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
