import { deepEqual, ok } from "node:assert/strict";
import type { Redis } from "ioredis";
import { MARKER } from "../../runtime/payloads.ts";
import type { Part } from "./attempt.ts";
import { TRESPASS } from "./request.ts";
import { type Stage, urlOf } from "./stage.ts";

/** Names of objects and fingerprints that answers spoke of. */
export type Told = Set<string>;

const NAME = /"([a-z0-9][a-z0-9.-]{0,252})"/g;

/** Notes what an answer spoke of. */
export const note = (told: Told, text: string): void => {
  for (const [, name = ""] of text.matchAll(NAME)) told.add(name);
};

const HEALTH: Readonly<Record<Part, string>> = {
  gateway: "/health",
  "open gateway": "/health",
  proxy: "/health",
  bridge: "/health",
  emulation: "/healthz",
};

/** Each part still answers, within a second but for a machine that has no time for it. */
export async function checkAlive(stage: Stage): Promise<void> {
  const authorization = `Bearer ${stage.tokens.emulation}`;
  for (const part of Object.keys(stage.urls) as Part[]) {
    const path = new URL(HEALTH[part], urlOf(stage, part));
    const look = () => fetch(path, { headers: { authorization }, signal: AbortSignal.timeout(1_000) }).then(({ status }) => status);
    const status = await look()
      .catch(look)
      .catch(() => 0);
    ok(status === 200, `${part} answers its health with ${status}`);
  }
}

/** What a process prints for people once it is ready. */
const WELCOME = /^Breakwater is ready .*\n(?: .*\n)*/m;

/** Every line of every log is one object of JSON, without a secret and without anything of a payload. */
export function checkLogs(stage: Stage): void {
  for (const [part, log] of Object.entries(stage.logs())) {
    const whole = log.slice(0, log.lastIndexOf("\n") + 1).replace(WELCOME, "");
    for (const line of whole.split("\n").filter((text) => text.trim() !== "")) {
      ok(isLogLine(line), `the log of ${part} has the line ${JSON.stringify(line.slice(0, 300))}`);
      ok(!line.includes(MARKER) && !line.includes(TRESPASS), `the log of ${part} quotes what was sent: ${line.slice(0, 300)}`);
    }
    for (const secret of stage.secrets) ok(!whole.includes(secret), `the log of ${part} holds a secret`);
  }
}

function isLogLine(line: string): boolean {
  try {
    const { time, level, event } = JSON.parse(line) as Record<string, unknown>;
    return typeof time === "string" && typeof level === "string" && typeof event === "string" && /^[a-z-]+$/.test(event);
  } catch {
    return false;
  }
}

/** No object that nobody may bring in, and none that no answer told of. */
export async function checkObjects(stage: Stage, told: Told): Promise<void> {
  for (const { metadata, spec } of await stage.requests()) {
    ok(spec.signalName !== TRESPASS, `${metadata.namespace}/${metadata.name} is there, though nobody may bring it in`);
    ok(told.has(metadata.name) || told.has(spec.signalFingerprint), `no answer told of ${metadata.namespace}/${metadata.name}`);
  }
}

const SERIES = /^(?:gateway|breakwater)_\w+(\{[a-z]+="[\w.+-]+"(,[a-z]+="[\w.+-]+")*\})? [\d.e+-]+$/;

/** More than a gateway of few sources ever has, and fewer than a series for each value that was sent. */
const SERIES_MAX = 600;

/** Metrics stay what Prometheus reads, with no more series than the settings allow for. */
export async function checkMetrics(stage: Stage): Promise<void> {
  const answer = await fetch(new URL("/metrics", urlOf(stage, "gateway")), { headers: { authorization: `Bearer ${stage.tokens.read}` } });
  const text = await answer.text();
  const lines = text.trimEnd().split("\n");
  for (const line of lines) ok(line.startsWith("# ") || SERIES.test(line), `metrics have the line ${JSON.stringify(line.slice(0, 200))}`);
  ok(lines.length <= SERIES_MAX, `metrics have ${lines.length} lines`);
  for (const hidden of [...stage.secrets, MARKER, TRESPASS]) ok(!text.includes(hidden), "metrics hold what was sent");
}

/** A key of another program on the same Redis. */
export const FOREIGN_KEY = "another-program";
export const FOREIGN_VALUE = "its value";

/** Nothing outside of the cluster's own keys has come, gone or changed, and no key has a name that somebody sent. */
export async function checkKeys({ redis, cluster }: Stage): Promise<void> {
  if (!redis) return;
  const own = new RegExp(`^bw1:\\{${cluster}\\}:[a-z]+(:[a-z0-9.]+)*$`);
  const strange = (await redis.keys("*")).filter((key) => !own.test(key) && key !== FOREIGN_KEY);
  deepEqual(strange, [], "Redis has keys that no part should make");
  ok((await redis.get(FOREIGN_KEY)) === FOREIGN_VALUE, "another program's key has changed");
}

/** What is stored holds no secret. */
export async function checkStored({ redis, secrets }: Stage): Promise<void> {
  if (!redis) return;
  for (const key of await redis.keys("*")) {
    const stored = JSON.stringify(await storedAt(redis, key));
    for (const secret of secrets) ok(!stored.includes(secret), `${key} holds a secret`);
  }
}

async function storedAt(redis: Redis, key: string): Promise<unknown> {
  switch (await redis.type(key)) {
    case "hash":
      return redis.hgetall(key);
    case "zset":
      return redis.zrange(key, 0, -1);
    default:
      return redis.get(key);
  }
}

/** The pages that people and tools read hold no secret. */
export async function checkPages(stage: Stage): Promise<void> {
  const pages = ["/metrics", "/ready", "/health", "/api/v1/status", "/api/v1/openapi.json", "/api/v1/admin/dead-letters?limit=500"];
  for (const page of [...pages, "/api/v1/admin/windows"]) {
    const answer = await fetch(new URL(page, urlOf(stage, "gateway")), { headers: { authorization: `Bearer ${stage.tokens.admin}` } });
    const text = await answer.text();
    for (const secret of stage.secrets) ok(!text.includes(secret), `${page} holds a secret`);
  }
}
