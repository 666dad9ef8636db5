import { Redis, type RedisOptions, ReplyError } from "ioredis";
import type { RedisLogin, RedisTarget } from "../domain/redis-target.ts";
import { type RedisTrouble, redisTrouble } from "../domain/redis-trouble.ts";

export interface Access {
  readonly target: RedisTarget;
  /** The authorities to trust, as PEM; null: those of the runtime. */
  readonly ca: string | null;
}

/** Why a connection is of no use: `trouble` where waiting does not help, else only a `code` for the log. */
export interface Refusal {
  readonly trouble: RedisTrouble | null;
  readonly code: string;
}

/** A client without user, password and database: ioredis goes on without those that a Redis refuses, so `shakeHands` sends them. */
export function openClient({ target, ca }: Access, options: RedisOptions): Redis {
  const tls = ca === null ? {} : { ca };
  const all = { ...options, enableReadyCheck: false, ...(target.tls && { tls }) };
  if ("host" in target.at) return new Redis({ ...all, ...target.at });
  const { sentinels, name, login, tls: sentinelTls } = target.at;
  return new Redis({
    ...all,
    sentinels: [...sentinels],
    name,
    enableTLSForSentinelMode: target.tls,
    ...(sentinelTls && { sentinelTLS: tls }),
    ...(login && { sentinelPassword: login.password, ...(login.username && { sentinelUsername: login.username }) }),
  });
}

/** Logs in. Rejects with Redis' own error. */
export async function logIn(redis: Redis, login: RedisLogin | null): Promise<void> {
  if (login) await redis.call("AUTH", ...(login.username === null ? [] : [login.username]), login.password);
}

/** Each step that a new connection needs before the first command of a caller; null: all of them were taken. */
export async function shakeHands(redis: Redis, { login, database, at }: RedisTarget): Promise<Refusal | null> {
  try {
    await logIn(redis, login);
    // A Redis that knows nobody answers so; without it the first command would find out.
    if (database > 0) await redis.call("SELECT", database);
    return await stateRefusal(redis, "sentinels" in at);
  } catch (error) {
    return refusalOf(error as Error);
  }
}

const CANNOT_TELL = new Set<RedisTrouble | null>(["rights-missing", "command-missing"]);

/** Whether it has loaded its data, and is the master where Sentinels named it. A user who may not ask does without. */
async function stateRefusal(redis: Redis, mustBeMaster: boolean): Promise<Refusal | null> {
  const info = await redis.call("INFO").catch((error: Error) => {
    if (CANNOT_TELL.has(redisTrouble(error.message))) return "";
    throw error;
  });
  if (/^loading:1/m.test(String(info))) return { trouble: null, code: "LOADING" };
  // Sentinels name the old master for a moment after a failover.
  return mustBeMaster && /^role:slave/m.test(String(info)) ? { trouble: null, code: "REPLICA" } : null;
}

const CERTIFICATE = /CERT|SIGNATURE|ISSUER|ALTNAME/;
const NO_TLS = /WRONG_VERSION_NUMBER|ERR_SSL_|EPROTO/;

/** What an error of the client means. Its text may name an address, so only a word of it is kept. */
export function refusalOf(error: Error & { code?: string }): Refusal {
  const code = error.code ?? /^[A-Z]{2,}\b/.exec(error.message)?.[0] ?? error.name;
  if (error instanceof ReplyError) return { trouble: redisTrouble(error.message), code };
  if (CERTIFICATE.test(code)) return { trouble: "certificate-not-trusted", code };
  return { trouble: NO_TLS.test(code) ? "no-tls-spoken" : null, code };
}

/** What a Sentinel's refusal means, as ioredis words it. */
export function sentinelRefusal({ message }: Error): Refusal {
  if (/invalid reply: null$|No such master/.test(message)) return { trouble: "unknown-to-sentinels", code: "SENTINEL" };
  const [, said = ""] = / because (.*)$/s.exec(message) ?? [];
  const trouble = redisTrouble(said);
  const lasting = trouble === "wrong-credentials" || trouble === "credentials-missing" || trouble === "rights-missing";
  return { trouble: lasting ? `sentinel-${trouble}` : null, code: "SENTINEL" };
}
