import { setTimeout as pause } from "node:timers/promises";
import * as z from "zod";
import { openRedisInProcess } from "../../src/adapters/redis/client.ts";
import { type RedisEngine, scriptSource } from "../../src/adapters/redis/engine.ts";
import { keysOf } from "../../src/adapters/redis/keys.ts";
import { probeRedis } from "../../src/adapters/redis/probe.ts";
import { connectRedis, executeCommand } from "../../src/bridge/connection.ts";
import type { ConnectedRedisConfig, RestRedisConfig } from "../../src/config/config.ts";
import type { RedisTarget } from "../../src/domain/redis-target.ts";
import { redisTrouble } from "../../src/domain/redis-trouble.ts";
import { redisAccess } from "../../src/entry/redis-access.ts";
import { engineScript } from "../../src/ledger/engine/script.ts";
import { type Finding, findingsOf } from "./finding.ts";

const ASK_MS = 5_000;

/** Least time for a connection to come to be. */
const CONNECT_MS = 2_000;
const VERSION_LEAST = 7;

const { ok, wrong, unknown } = findingsOf("redis");

/** `unreached`: nobody answered, and in which word. */
type Answer = { readonly result: unknown } | { readonly error: string } | { readonly unreached: string };
type Run = (command: readonly string[]) => Promise<Answer>;

const ENGINE = "REDIS_ENGINE=redis before a bridge, REDIS_ENGINE=upstash before Upstash";
const RIGHTS = "give the user the rights of docs/operate.md: redis-cli ACL SETUSER";
const LOGIN = "redis-cli -u <REDIS_URL> PING, with the user and password that are set";

/** What each cause means, and what comes next; the words are those of docs/operate.md. */
const CAUSES: Readonly<Record<string, readonly [says: string, next: string]>> = {
  "wrong-credentials": ["Redis does not accept the user, the password or the token", LOGIN],
  "credentials-missing": ["Redis asks for a password, and none is set", LOGIN],
  "credentials-not-asked-for": [
    "a password is set, and this Redis asks for none: it may be another one than meant",
    "redis-cli -u <REDIS_URL> INFO server",
  ],
  "rights-missing": ["the user may not do all that Breakwater does", RIGHTS],
  "no-such-database": ["this Redis has no database of that number", "redis-cli CONFIG GET databases"],
  "redis-cluster": ["it is a node of a Redis Cluster, which cannot hold the ledger", "set a Redis that is no cluster"],
  "read-only-replica": ["it is a replica, which takes no writes", "redis-cli ROLE; connect to the master, or by REDIS_SENTINELS"],
  "redis-full": ["it is full, and takes no writes", "redis-cli CONFIG SET maxmemory <more>"],
  "wrong-engine": ["it refuses the first line of the scripts: REDIS_ENGINE names another engine", ENGINE],
  "command-missing": ["it knows not all commands that are needed: it is too old, or the command is renamed", "redis-cli INFO server"],
  "certificate-not-trusted": ["its certificate is signed by nobody who is trusted", "set REDIS_CA_FILE to the authority's PEM file"],
  "no-tls-spoken": ["TLS is asked for, and it speaks none", "use redis:// in place of rediss://, or its TLS port"],
  "unknown-to-sentinels": ["the Sentinels know no Redis of this name", "redis-cli -p 26379 SENTINEL masters"],
  "sentinel-wrong-credentials": ["the Sentinels do not accept user or password", "set REDIS_SENTINEL_USERNAME and REDIS_SENTINEL_PASSWORD"],
  "sentinel-credentials-missing": ["the Sentinels ask for a password, and none is set", "set REDIS_SENTINEL_PASSWORD"],
  "sentinel-rights-missing": ["the Sentinels do not let this user ask", "set REDIS_SENTINEL_USERNAME to one who may"],
};

function troubleFinding(trouble: string): Finding {
  const known = CAUSES[trouble];
  if (known) return wrong(trouble, ...known);
  if (trouble.startsWith("maxmemory-policy-"))
    return wrong(
      "maxmemory-policy",
      `it may drop keys to make room (${trouble.slice(17)})`,
      "redis-cli CONFIG SET maxmemory-policy noeviction",
    );
  return wrong(trouble, "Redis cannot do its work", "npm run -s doctor, with the bridge's settings");
}

/** A Redis over REST: a bridge, or Upstash. */
export async function examineRestRedis({ url, token, engine }: RestRedisConfig, cluster: string): Promise<Finding[]> {
  const run: Run = (command) => post(url, token, command);
  const scripts = await examineScripts(run, engine, cluster);
  const isReached = !scripts.some(({ cause }) => cause === "redis-unreachable");
  const told = isReached ? await askBridge(url, token) : null;
  const named = told?.trouble && !scripts.some(({ cause }) => cause === told.trouble) ? [troubleFinding(told.trouble)] : [];
  return [...scripts, ...named, ...unknownOf(told?.unknown ?? [])];
}

const Told = z.looseObject({ trouble: z.nullable(z.string()), unknown: z.array(z.string()) });

/** What a bridge says of the Redis behind it; null: it is none. */
async function askBridge(url: string, token: string): Promise<z.infer<typeof Told> | null> {
  const answer = await fetch(new URL("/ready", url), {
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(ASK_MS),
  }).then(
    (response) => response.json(),
    () => null,
  );
  const told = Told.safeParse(answer);
  return told.success ? told.data : null;
}

const Reply = z.union([z.looseObject({ result: z.unknown() }), z.looseObject({ error: z.string() })]);

async function post(url: string, token: string, command: readonly string[]): Promise<Answer> {
  try {
    const response = await fetch(url, {
      ...{ method: "POST", body: JSON.stringify(command), redirect: "manual", signal: AbortSignal.timeout(ASK_MS) },
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    });
    const reply = Reply.safeParse(await response.json().catch(() => null));
    if (!reply.success) return { unreached: `what answers there is no Redis over REST (${response.status})` };
    return "error" in reply.data ? { error: String(reply.data.error) } : { result: reply.data.result };
  } catch (error) {
    const { name, cause } = error as Error;
    return { unreached: String((cause as { code?: unknown } | undefined)?.code ?? name) };
  }
}

/** An ordinary Redis, or one that Sentinels know. `cluster` null: it is not known whose ledgers are in it. */
export async function examineConnectedRedis(
  { target, timeoutMs, engine }: Pick<ConnectedRedisConfig, "target" | "timeoutMs" | "engine">,
  cluster: string | null,
): Promise<Finding[]> {
  const access = tryAccess(target);
  if (typeof access === "string") return [wrong("redis-ca-unreadable", access, "ls -l $REDIS_CA_FILE")];
  const connection = connectRedis(access, timeoutMs, { debug() {}, info() {}, warn() {}, error() {} });
  try {
    const deadlineMs = performance.now() + Math.max(timeoutMs, CONNECT_MS);
    const run: Run = async (command) => {
      for (;;) {
        const answer = await executeCommand(connection, command).catch((error: Error) => ({ unreached: error.message }));
        if (!("unreached" in answer) || performance.now() > deadlineMs) return answer;
        await pause(CONNECT_MS / 20);
      }
    };
    const scripts = await examineScripts(run, engine, cluster);
    return scripts.every(({ state }) => state === "ok") ? [...scripts, ...examineInfo(await run(["INFO"]))] : scripts;
  } finally {
    connection.close();
  }
}

function tryAccess(target: RedisTarget) {
  try {
    return redisAccess(target);
  } catch (error) {
    return (error as Error).message;
  }
}

/** Runs a script of the ledger that reads, then the probe, which calls each command that the ledger does; where nobody says in whose keys, an empty script. */
async function examineScripts(run: Run, engine: RedisEngine, cluster: string | null): Promise<Finding[]> {
  const answer = await run(readingCommand(engine, cluster));
  if ("unreached" in answer)
    return [
      wrong(
        "redis-unreachable",
        `Redis cannot be reached: ${answer.unreached}`,
        "redis-cli -u <REDIS_URL> PING, or curl -i <UPSTASH_REDIS_REST_URL>/ready",
      ),
    ];
  if ("error" in answer) return [troubleFinding(redisTrouble(answer.error) ?? "redis-answers-errors")];
  if (cluster === null) return [ok("redis-scripts", "Redis runs scripts")];
  const trouble = await probeRedis({ redis: openRedisInProcess(answering(run)), engine }, cluster);
  return [trouble ? troubleFinding(trouble) : ok("redis-scripts", "Redis runs the scripts and takes writes")];
}

function readingCommand(engine: RedisEngine, cluster: string | null): readonly string[] {
  if (cluster === null) return ["EVAL", "return 1", "0"];
  return ["EVAL", scriptSource(engine, engineScript("counters").text), "1", keysOf(cluster).counters, "alerts_received"];
}

/** The same way to Redis, which rejects where nobody answers. */
const answering = (run: Run) => async (command: readonly string[]) => {
  const answer = await run(command);
  if ("unreached" in answer) throw new Error(answer.unreached);
  return answer;
};

const unknownOf = (names: readonly string[]): Finding[] =>
  names.length === 0
    ? []
    : [unknown("info-forbidden", `the user may not ask for ${names.join(", ")}`, "redis-cli ACL SETUSER <user> +info")];

/** What an INFO tells of persistence, room, role and version. */
function examineInfo(answer: Answer): Finding[] {
  if (!("result" in answer)) return unknownOf(["maxmemory-policy", "memory", "role", "persistence"]);
  const info = String(answer.result);
  const field = (name: string) => new RegExp(`^${name}:(\\S+)`, "m").exec(info)?.[1];
  const findings: Finding[] = [];
  const version = field("redis_version") ?? "";
  if (Number.parseInt(version, 10) < VERSION_LEAST)
    findings.push(wrong("redis-too-old", `it is Redis ${version}; ${VERSION_LEAST} or newer is needed`, "redis-cli INFO server"));
  if (field("role") === "slave") findings.push(troubleFinding("read-only-replica"));
  if (field("cluster_enabled") === "1") findings.push(troubleFinding("redis-cluster"));
  const policy = field("maxmemory_policy");
  if (policy !== undefined && policy !== "noeviction") findings.push(troubleFinding(`maxmemory-policy-${policy}`));
  if (field("aof_enabled") === "0")
    findings.push(
      wrong(
        "redis-not-persistent",
        "it writes no append-only file: alerts that were answered are lost when it restarts",
        "redis-cli CONFIG SET appendonly yes, and the same in its configuration; docs/durability.md",
      ),
    );
  const most = Number(field("maxmemory") ?? 0);
  const used = Number(field("used_memory") ?? 0);
  if (most > 0 && used > 0.8 * most)
    findings.push(
      wrong("redis-nearly-full", `${Math.round((100 * used) / most)} % of its memory is used`, "redis-cli CONFIG SET maxmemory <more>"),
    );
  return findings.length > 0 ? findings : [ok("redis-server", `Redis ${version} keeps what it is told and has room`)];
}
