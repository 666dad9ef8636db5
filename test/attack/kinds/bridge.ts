import { deepEqual, ok } from "node:assert/strict";
import type { Redis } from "ioredis";
import { MARKER } from "../../runtime/payloads.ts";
import { FOREIGN_KEY, FOREIGN_VALUE } from "../harness/aftermath.ts";
import type { Attempt, Guarantee, Kind } from "../harness/attempt.ts";
import type { Bytes } from "../harness/exchange.ts";
import { answers, refused } from "../harness/guarantees.ts";
import { ask, bearer } from "../harness/request.ts";
import type { Stage } from "../harness/stage.ts";

type Command = readonly unknown[];

/** All that a command could change beyond the keys that it names. */
async function stateOf(redis: Redis): Promise<unknown> {
  const settings = ["maxmemory-policy", "requirepass", "dir", "dbfilename", "save", "appendonly", "slaveof", "maxmemory", "port"];
  const values = await Promise.all(settings.map((setting) => redis.config("GET", setting)));
  const keyspace = (await redis.info("keyspace")).match(/^db\d+/gm);
  const [role] = (await redis.role()) as [string];
  const foreign = [await redis.get(FOREIGN_KEY), await redis.ttl(FOREIGN_KEY)];
  return { values, keyspace, role, foreign, users: await redis.acl("LIST"), modules: await redis.call("MODULE", "LIST") };
}

/** What it was before anybody attacked, of each Redis. */
const before = new WeakMap<Redis, unknown>();

const UNCHANGED: Guarantee = {
  text: "refused, and Redis is as it was",
  async check({ answers: [answer] }, { redis }) {
    ok(answer, "no answer");
    const told: unknown = JSON.parse(answer.text);
    for (const one of Array.isArray(told) ? told : [told]) ok("error" in (one as object), `done: ${answer.text.slice(0, 200)}`);
    if (!redis) return;
    const state = await stateOf(redis);
    if (!before.has(redis)) before.set(redis, state);
    deepEqual(state, before.get(redis), "Redis is not as it was");
    deepEqual(await redis.get(FOREIGN_KEY), FOREIGN_VALUE);
  },
};

const send = (path: string, body: Bytes) => (stage: Stage) => ask(path, { method: "POST", headers: [bearer(stage.tokens.bridge)], body });

const asking = (name: string, path: string, body: unknown, holds: Guarantee = UNCHANGED): Attempt => ({
  name,
  at: "bridge",
  sends: send(path, typeof body === "string" ? body : JSON.stringify(body)),
  holds,
});

/** Commands that reach beyond the keys they name, block the connection of all callers, change its state, or are an administrator's. */
const FORBIDDEN: readonly Command[] = [
  ["FLUSHALL"],
  ["FLUSHDB"],
  ["flushall"],
  ["FlushAll", "ASYNC"],
  ["SWAPDB", "0", "1"],
  ["SELECT", "1"],
  ["MOVE", FOREIGN_KEY, "1"],
  ["COPY", FOREIGN_KEY, "copied", "DB", "1"],
  ["MIGRATE", "127.0.0.1", "1", FOREIGN_KEY, "0", "100"],
  ["RESTORE", "x", "0", "x"],
  ["CONFIG", "SET", "maxmemory-policy", "allkeys-lru"],
  ["CONFIG", "SET", "dir", "/tmp"],
  ["CONFIG", "SET", "requirepass", ""],
  ["CONFIG", "REWRITE"],
  ["CONFIG", "GET", "requirepass"],
  ["config", "resetstat"],
  ["DEBUG", "SLEEP", "30"],
  ["DEBUG", "SEGFAULT"],
  ["DEBUG", "SET-ACTIVE-EXPIRE", "0"],
  ["ACL", "SETUSER", "nightingale", "on", "nopass", "+@all", "~*"],
  ["ACL", "LIST"],
  ["MODULE", "LOAD", "/tmp/nightingale.so"],
  ["MODULE", "LIST"],
  ["REPLICAOF", "127.0.0.1", "1"],
  ["SLAVEOF", "127.0.0.1", "1"],
  ["FAILOVER"],
  ["SHUTDOWN", "NOSAVE"],
  ["SAVE"],
  ["BGSAVE"],
  ["BGREWRITEAOF"],
  ["CLUSTER", "RESET"],
  ["KEYS", "*"],
  ["SCAN", "0"],
  ["RANDOMKEY"],
  ["MONITOR"],
  ["SUBSCRIBE", "nightingale"],
  ["PSUBSCRIBE", "*"],
  ["PUBLISH", "nightingale", "x"],
  ["BLPOP", FOREIGN_KEY, "0"],
  ["BRPOPLPUSH", FOREIGN_KEY, "x", "0"],
  ["BLMOVE", FOREIGN_KEY, "x", "LEFT", "LEFT", "0"],
  ["BZPOPMIN", "none", "0"],
  ["XREAD", "BLOCK", "0", "STREAMS", "none", "$"],
  ["WAIT", "1", "0"],
  ["WAITAOF", "1", "1", "0"],
  ["MULTI"],
  ["EXEC"],
  ["WATCH", FOREIGN_KEY],
  ["AUTH", "nightingale"],
  ["HELLO", "3"],
  ["RESET"],
  ["QUIT"],
  ["CLIENT", "KILL", "TYPE", "normal"],
  ["CLIENT", "PAUSE", "30000"],
  ["CLIENT", "REPLY", "OFF"],
  ["SCRIPT", "DEBUG", "SYNC"],
  ["SCRIPT", "KILL"],
  ["FUNCTION", "LOAD", "#!lua name=nightingale\nredis.register_function('nightingale', function() return 1 end)"],
  ["FUNCTION", "FLUSH"],
  ["FCALL", "nightingale", "0"],
  ["LATENCY", "RESET"],
  ["SLOWLOG", "GET"],
  ["MEMORY", "PURGE"],
  ["OBJECT", "ENCODING", FOREIGN_KEY],
  ["SORT", FOREIGN_KEY, "STORE", "x"],
  ["PFSELFTEST"],
  ["PSYNC", "?", "-1"],
  ["REPLCONF", "listening-port", "1"],
];

const named = (command: Command): string => command.join(" ").replaceAll(FOREIGN_KEY, "another's key").replaceAll("\n", " ").slice(0, 60);

const commands: readonly Attempt[] = FORBIDDEN.map((command) => asking(named(command), "/", command));

/** The same, hidden among what may be asked. */
const HIDDEN = [
  "FLUSHALL",
  "CONFIG SET maxmemory-policy allkeys-lru",
  "SHUTDOWN NOSAVE",
  "SELECT 1",
  "MONITOR",
  "SUBSCRIBE x",
  "DEBUG SEGFAULT",
  "KEYS *",
];

const many: readonly Attempt[] = HIDDEN.flatMap((text) => {
  const command = text.split(" ");
  return [
    asking(`${text} in a pipeline`, "/pipeline", [command]),
    asking(`${text} in a transaction`, "/multi-exec", [["PING"], command, ["PING"]]),
  ];
});

/** Names that are no name, or more than one. */
const NAMES: readonly (readonly [name: string, command: Command])[] = [
  ["a command with its argument in one text", ["FLUSHALL ASYNC"]],
  ["two commands in one text", ["PING\r\nFLUSHALL\r\n"]],
  ["a command of the wire in an argument's place", ["PING", "x\r\n*1\r\n$8\r\nFLUSHALL\r\n"]],
  ["a command after a NUL", ["PING\u0000FLUSHALL"]],
  ["a command after a space", [" FLUSHALL"]],
  ["a command with a space behind it", ["FLUSHALL "]],
  ["a command in full-width letters", ["\uff26LUSHALL"]],
  ["a command that becomes another in capitals", ["FLU\u017fHALL"]],
  ["an empty command", [""]],
  ["a number as command", [1]],
  ["a truth as command", [true]],
  ["an inherited member as command", ["__proto__"]],
  ["a subcommand with a bar", ["CONFIG|SET", "dir", "/tmp"]],
];

const names: readonly Attempt[] = NAMES.filter(([, [first]]) => first !== "PING").map(([name, command]) => asking(name, "/", command));

const SCRIPTS: readonly (readonly [name: string, lua: string])[] = [
  ["FLUSHALL", "return redis.call('FLUSHALL')"],
  ["FLUSHALL in other letters", "return redis.call('FlUsHaLl')"],
  ["FLUSHALL by pcall", "return redis.pcall('FLUSHALL')"],
  ["FLUSHALL by an argument", "return redis.call(ARGV[1])"],
  ["FLUSHALL in two parts", "return redis.call('FLUSH'..'ALL')"],
  ["FLUSHALL in escapes", "return redis.call('\\70LUSHALL')"],
  ["FLUSHALL by an index", "return redis['call']('FLUSHALL')"],
  ["FLUSHALL by another name", "local c = redis.call return c('FLUSHALL')"],
  ["FLUSHALL by the table of globals", "return _G['redis']['call']('FLUSHALL')"],
  ["FLUSHALL by an environment", "return getfenv(0).redis.call('FLUSHALL')"],
  ["FLUSHALL by a loaded text", "return loadstring(\"return redis.call('FLUSHALL')\")()"],
  ["FLUSHALL by server", "return server.call('FLUSHALL')"],
  ["FLUSHALL in a protected call", "return pcall(redis.call, 'FLUSHALL')"],
  ["FLUSHALL by the error's handler", "return xpcall(function() return redis.call('FLUSHALL') end, redis.call)"],
  ["FLUSHALL after a comment", "--[[x]]return redis.call--\n('FLUSHALL')"],
  ["FLUSHALL by a method", "return redis:call('FLUSHALL')"],
  ["FLUSHALL by a metatable", "return setmetatable({}, {__index = redis}).call('FLUSHALL')"],
  ["SWAPDB", "return redis.call('SWAPDB', 0, 1)"],
  ["MIGRATE", `return redis.call('MIGRATE', '127.0.0.1', 1, '${FOREIGN_KEY}', 0, 100)`],
  ["CONFIG", "return redis.call('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru')"],
  ["SELECT", "redis.call('SELECT', 1) return redis.call('SET', 'x', 'y')"],
  ["KEYS", "return redis.call('KEYS', '*')"],
  ["PUBLISH", "return redis.call('PUBLISH', 'x', 'y')"],
  ["a file of the machine", "return io.open('/etc/passwd'):read('*a')"],
  ["a command of the machine", "return os.execute('id')"],
  ["a library of the machine", "return package.loadlib('/lib/x86_64-linux-gnu/libc.so.6', 'system')"],
  ["bytecode", "\u001bLua"],
  ["a global", "nightingale = 1 return nightingale"],
  ["another meaning of a library", "string.format = nil return 1"],
];

const scripts: readonly Attempt[] = SCRIPTS.flatMap(([name, lua]) => [
  asking(`a script of ${name}`, "/", ["EVAL", lua, "0", "FLUSHALL"]),
  ...(name === "FLUSHALL" || name === "SWAPDB"
    ? [
        asking(`a script of ${name} in a pipeline`, "/pipeline", [["EVAL", lua, "0"]]),
        asking(`a script of ${name} in a transaction`, "/multi-exec", [["EVAL", lua, "0"]]),
        asking(`a read-only script of ${name}`, "/", ["EVAL_RO", lua, "0"]),
        asking(`a loaded script of ${name}`, "/", ["SCRIPT", "LOAD", lua]),
      ]
    : []),
]);

const shapes: readonly Attempt[] = [
  asking("no JSON", "/", `{${MARKER}`, answers(400)),
  asking("an empty body", "/", "", answers(400)),
  asking("an object", "/", '{"0":"FLUSHALL","length":1}', answers(400)),
  asking("an object as argument", "/", [{ toString: "FLUSHALL" }], answers(400)),
  asking("null as argument", "/", ["GET", null], answers(400)),
  asking("a list within a command", "/", ["GET", ["a"]], answers(400)),
  asking("an empty list", "/", [], answers(400)),
  asking("a command where a list of them belongs", "/pipeline", ["FLUSHALL"], answers(400)),
  asking("an empty pipeline", "/pipeline", [], answers(400)),
  asking("an empty transaction", "/multi-exec", [], answers(400)),
  asking("a transaction within a transaction", "/multi-exec", [["MULTI"], ["FLUSHALL"], ["EXEC"]]),
  asking("an end within a transaction", "/multi-exec", [["EXEC"], ["FLUSHALL"]]),
  asking("a prototype", "/", '{"__proto__":["FLUSHALL"]}', answers(400)),
  asking("100,000 levels", "/", `${"[".repeat(100_000)}${"]".repeat(100_000)}`, answers(400)),
  asking("a command of 200,000 arguments", "/", ["FLUSHALL", ...Array(200_000).fill("x")]),
  asking("a pipeline of 20,000 commands", "/pipeline", Array(20_000).fill(["FLUSHALL"])),
  asking("a name of a megabyte", "/", ["F".repeat(1_000_000)]),
  asking("11 MiB", "/", `["GET","${"x".repeat(11 * 1024 * 1024)}"]`, answers(413)),
];

/** The token in another place, and commands in the path, which Upstash's protocol has as well. */
const elsewhere: readonly Attempt[] = [
  ...["_token", "token", "authorization"].map(
    (parameter): Attempt => ({
      name: `the token in the query, as ${parameter}`,
      at: "bridge",
      sends: ({ tokens }) => ask(`/?${parameter}=${tokens.bridge}`, { method: "POST", body: '["PING"]' }),
      holds: answers(401),
    }),
  ),
  ...[
    `/get/${FOREIGN_KEY}`,
    `/set/${FOREIGN_KEY}/x`,
    "/flushall",
    "/eval/return%201/0",
    `/pipeline/../get/${FOREIGN_KEY}`,
    "/%66lushall",
    "/config/set/dir/%2ftmp",
    "/subscribe/x",
    "/monitor",
  ].flatMap((path): Attempt[] => [
    { name: `GET ${path}`, at: "bridge", sends: ({ tokens }) => ask(path, { headers: [bearer(tokens.bridge)] }), holds: refused },
    {
      name: `GET ${path} with the token in the query`,
      at: "bridge",
      sends: ({ tokens }) => ask(`${path}?_token=${tokens.bridge}`),
      holds: answers(401),
    },
  ]),
  ...["wrong", ""].map(
    (token): Attempt => ({
      name: `a command with ${token === "" ? "an empty" : "a wrong"} token`,
      at: "bridge",
      sends: () => ask("/", { method: "POST", headers: [bearer(token)], body: '["FLUSHALL"]' }),
      holds: answers(401),
    }),
  ),
  {
    name: "the token of a source",
    at: "bridge",
    sends: ({ tokens }) => ask("/", { method: "POST", headers: [bearer(tokens.source)], body: '["FLUSHALL"]' }),
    holds: answers(401),
  },
  {
    name: "the token as Basic credentials",
    at: "bridge",
    sends: ({ tokens }) =>
      ask("/", {
        method: "POST",
        headers: [`Authorization: Basic ${Buffer.from(`default:${tokens.bridge}`).toString("base64")}`],
        body: '["PING"]',
      }),
    holds: answers(401),
  },
];

/** The bridge does what Breakwater needs of it, and leaves everything else of Redis alone. */
export const bridge: Kind = {
  name: "commands through the bridge",
  controls: [
    asking("a command", "/", ["PING"], answers(200)),
    asking("a script", "/", ["EVAL", "return redis.call('TIME')", "0"], answers(200)),
    asking("a transaction", "/multi-exec", [["PING"], ["PING"]], answers(200)),
  ],
  attempts: [...commands, ...many, ...names, ...scripts, ...shapes, ...elsewhere],
};
