import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Failure, type FailureCode } from "../../../src/domain/failure.ts";
import type { Ledger } from "../../../src/ports/ledger.ts";
import { alertIn, MARKER, webhook } from "../../runtime/payloads.ts";
import { openEmbeddedLedger } from "../../support/embedded-ledger.ts";
import { RULES } from "../../support/ledger-builders.ts";
import { openGateway, PROMETHEUS, TOKENS } from "./bench.ts";

const down = (code: FailureCode = "ledger-unavailable") => new Failure(code, "for the log only", "unknown");
const one = () => webhook([alertIn("shop")]);

let bench: ReturnType<typeof openGateway>;
beforeEach(() => {
  bench = openGateway();
});

describe("while the ledger fails", () => {
  const codes: FailureCode[] = ["ledger-unavailable", "ledger-refused", "ledger-reply-invalid"];

  it("alerts go straight to the proxy: created, counted and resolved there", async () => {
    bench.fail(() => down());
    const alert = alertIn("shop");
    expect(await (await bench.post(webhook([alert]))).json()).toMatchObject({ results: [{ outcome: "created", rung: "direct" }] });
    const again = await bench.post(webhook([alert]));
    expect([again.status, await again.json()]).toMatchObject([
      202,
      { results: [{ outcome: "duplicate", rung: "direct", occurrenceCount: 2, reason: "request-found" }] },
    ]);
    const over = await bench.post(webhook([{ ...alert, status: "resolved" }]));
    expect(await over.json()).toMatchObject({ results: [{ outcome: "resolved", rung: "direct" }] });
    expect(bench.writer.list()).toMatchObject([{ occurrenceCount: 2, resolvedAtMs: expect.any(Number) }]);
  });

  it.each(codes)("as %s, alerts do not wait for whoever mends it", async (code) => {
    bench.fail(() => down(code));
    expect(await (await bench.post(one())).json()).toMatchObject({ results: [{ outcome: "created", rung: "direct" }] });
  });

  it("an alert that can be kept nowhere makes the sender send all of it again", async () => {
    bench.fail(() => down());
    expect((await bench.post(webhook([alertIn("shop"), { status: "firing", labels: {} }]))).status).toBe(503);
    expect(bench.writer.list()).toHaveLength(1);
  });

  it.each(codes)("as %s, and the proxy too, ingest answers 503 with Retry-After, and who honours it 429", async (code) => {
    bench.fail(() => down(code));
    bench.writer.break("unreachable");
    for (const [token, status] of [
      [TOKENS.patient, 503],
      [TOKENS.hasty, 429],
    ] as const) {
      const answer = await bench.post(one(), token);
      expect([answer.status, answer.headers.get("retry-after")]).toEqual([status, expect.stringMatching(/^\d+$/)]);
      expect(answer.headers.get("content-type")).toBe("application/problem+json");
      expect(await answer.json()).toEqual({
        status,
        code,
        title: expect.any(String),
        detail: expect.not.stringContaining("for the log only"),
      });
    }
  });

  it("a dry run answers as ingest does", async () => {
    bench.fail(() => down());
    expect((await bench.post(one(), TOKENS.patient, `${PROMETHEUS}?dryRun=true`)).status).toBe(503);
  });

  it("/metrics and /api/v1/status leave out what cannot be read, and tell how it fares", async () => {
    bench.fail(() => down());
    for (let calls = 0; calls < 20; calls += 1) await bench.gateway.drain();
    const metrics = await bench.ask("/metrics", { token: TOKENS.read });
    expect([metrics.status, await metrics.text()]).toEqual([200, expect.stringContaining('gateway_breaker_open{dependency="redis"} 1')]);
    const status = await (await bench.ask("/api/v1/status", { token: TOKENS.read })).json();
    expect(status).toMatchObject({
      dependencies: { default: { ledger: "failing", writer: "ok" } },
      breakers: { redis: "open" },
      clusters: [],
    });
  });

  it.each(["/api/v1/admin/dead-letters", "/api/v1/admin/windows"])("%s answers 503 with Retry-After", async (path) => {
    bench.fail(() => down());
    const answer = await bench.ask(path, { token: TOKENS.admin });
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, expect.any(String)]);
  });

  it("an error that nobody expected is answered and logged by its kind alone", async () => {
    bench.fail(() => new TypeError(`cannot read ${MARKER}`));
    for (const [token, status] of [
      [TOKENS.patient, 503],
      [TOKENS.hasty, 429],
    ] as const) {
      const answer = await bench.post(one(), token);
      const text = await answer.text();
      expect([answer.status, JSON.parse(text).code]).toEqual([status, "unavailable"]);
      expect(text).not.toContain(MARKER);
    }
    const failures = bench.lines.filter((line) => line.includes("request-failed"));
    expect(failures).toEqual([expect.stringContaining("TypeError"), expect.stringContaining("TypeError")]);
    expect(bench.lines.join()).not.toContain(MARKER);
  });

  it("what cannot be read is refused as ever", async () => {
    bench.fail(() => down());
    expect((await bench.post("{")).status).toBe(400);
    expect((await bench.post({})).status).toBe(422);
    expect((await bench.ask(PROMETHEUS, { method: "POST", body: "{}" })).status).toBe(401);
  });

  it("the reply that was lost once is asked for again, and the alert counts once", async () => {
    let failures = 1;
    const { fail, post } = bench;
    fail((method) => {
      if (--failures === 0) fail(null);
      return method === "admit" ? down() : new TypeError("no other method was to be called");
    });
    const answer = await post(one());
    expect([answer.status, await answer.json()]).toMatchObject([201, { results: [{ outcome: "created", occurrenceCount: 1 }] }]);
  });
});

describe("a proxy that counts as down while the ledger is down, too", () => {
  beforeEach(() => void vi.useFakeTimers({ now: 1_800_000_000_000, toFake: ["Date"] }));
  afterEach(() => vi.useRealTimers());

  it("is probed each 5 s, though nothing can be drained, and takes alerts again soon after it is up", async () => {
    bench.fail(() => down());
    bench.writer.break("unreachable");
    for (let posts = 0; posts < 20; posts += 1) expect((await bench.post(one())).status).toBe(503);
    bench.writer.break(null);
    expect((await bench.post(one())).status).toBe(503);
    vi.setSystemTime(Date.now() + 5_000);
    for (let rounds = 0; rounds < 3; rounds += 1) expect((await bench.gateway.drain()).nextInMs).toBeLessThanOrEqual(5_000);
    expect(await (await bench.post(one())).json()).toMatchObject({ results: [{ outcome: "created", rung: "direct" }] });
  });
});

describe("a ledger that counts as down", () => {
  beforeEach(() => void vi.useFakeTimers({ now: 1_800_000_000_000, toFake: ["Date"] }));
  afterEach(() => vi.useRealTimers());

  it("is asked again soon after it has answered once, and decides after three good answers", async () => {
    bench.fail(() => down());
    for (let posts = 0; posts < 10; posts += 1) await bench.post(one());
    bench.fail(null);
    const next = async () => (await bench.gateway.drain()).nextInMs;
    expect(await next()).toBeLessThanOrEqual(5_000);
    vi.setSystemTime(Date.now() + 5_000);
    expect([await next(), await next()]).toEqual([0, 0]);
    expect(await (await bench.post(one())).json()).toMatchObject({ results: [{ rung: "direct" }] });
    expect(await next()).toBeNull();
    expect(await (await bench.post(one())).json()).toMatchObject({ results: [{ rung: "kubernetes" }] });
  });
});

describe("a cluster whose ledger or proxy hangs", () => {
  const never = () => new Promise<never>(() => {});

  it("holds up the rounds of no other", async () => {
    const methods = Object.keys(openEmbeddedLedger(RULES, () => 0));
    const ledger = Object.fromEntries(methods.map((method) => [method, never])) as unknown as Ledger;
    bench = openGateway({ otherClusters: [{ name: "other", ledger, writer: { perform: never } }] });
    const [own, other] = bench.gateway.drains;
    const [hanging, waited] = [other?.().then(() => "done"), new Promise((resolve) => setTimeout(resolve, 50, "waits"))];
    expect(await own?.()).toEqual({ leased: 0, nextInMs: null });
    expect(await Promise.race([hanging, waited])).toBe("waits");
  });
});

describe("readiness", () => {
  const ready = async () => (await bench.ask("/ready")).status;

  it("turns off where alerts have no way left, and on with a call of the ledger that worked, whoever made it", async () => {
    expect(await ready()).toBe(200);
    bench.fail(() => down());
    await bench.post(one());
    expect(await ready()).toBe(200);
    bench.writer.break("unreachable");
    expect(await ready()).toBe(200);
    await bench.post(one());
    expect(await ready()).toBe(503);
    bench.fail(null);
    expect(await ready()).toBe(503);
    await bench.post(one());
    expect(await ready()).toBe(200);
    bench.fail(() => down());
    await bench.gateway.drain();
    expect(await ready()).toBe(503);
    bench.fail(null);
    await bench.gateway.drain();
    expect(await ready()).toBe(200);
  });

  it("is not touched by payloads that cannot be read", async () => {
    await bench.post("{");
    await bench.post({});
    expect(await ready()).toBe(200);
  });

  it("has no say in liveness", async () => {
    bench.fail(() => down());
    await bench.post(one());
    expect((await bench.ask("/health")).status).toBe(200);
  });

  it("names no dependency to whoever asks, but does to who may read", async () => {
    bench.fail(() => down());
    await bench.post(one());
    expect(await (await bench.ask("/ready")).text()).not.toMatch(/ledger|redis|default/i);
    bench.fail(null);
    const { dependencies } = (await (await bench.ask("/api/v1/status", { token: TOKENS.read })).json()) as { dependencies: object };
    expect(dependencies).toHaveProperty("default");
  });
});

describe("readiness where something is wrong with Redis", () => {
  const ask = async (token?: string) => {
    const answer = await bench.ask("/ready", token ? { token } : {});
    return [answer.status, await answer.text()] as const;
  };

  it("turns off where that lasts, and says what it is to who has a token only, while alerts still find their way", async () => {
    bench = openGateway({ checkLedger: async () => ({ word: "wrong-engine", lasts: true }) });
    for (const token of [undefined, "nobody's"]) {
      const [status, text] = await ask(token);
      expect([status, text.includes("wrong-engine")]).toEqual([503, false]);
    }
    for (const token of [TOKENS.patient, TOKENS.read, TOKENS.admin]) {
      const [status, text] = await ask(token);
      expect([status, text]).toEqual([503, expect.stringContaining("Redis: wrong-engine")]);
    }
    expect(await (await bench.ask("/api/v1/status", { token: TOKENS.read })).json()).toMatchObject({
      ready: false,
      trouble: "wrong-engine",
    });
    expect((await bench.post(one())).status).toBe(201);
  });

  it("stays where alerts do without Redis as they do while it is away, and names it all the same", async () => {
    bench = openGateway({ checkLedger: async () => ({ word: "redis-full", lasts: false }) });
    expect(await ask()).toEqual([200, '{"status":"ready"}']);
    expect(await ask(TOKENS.patient)).toEqual([200, '{"status":"ready","redis":"redis-full"}']);
  });
});

it("a drain that fails for the same reason again and again is logged once, until one went well", async () => {
  const failed = () => bench.lines.filter((line) => line.includes("drain-failed")).length;
  const refused = () => new Failure("ledger-refused", "Redis answered NOPERM: rights-missing", "none");
  bench.fail(refused);
  for (let round = 0; round < 5; round += 1) await bench.gateway.drain();
  expect(failed()).toBe(1);
  bench.fail(null);
  await bench.gateway.drain();
  bench.fail(refused);
  await bench.gateway.drain();
  expect(failed()).toBe(2);
});

describe("without room for another intent", () => {
  it("a payload is answered 503, or 429 to who honours it, and repeats still get through", async () => {
    bench = openGateway({ rules: { intentsMax: 100 } });
    bench.writer.break("unreachable");
    const alerts = Array.from({ length: 20 }, () => alertIn("shop"));
    expect((await bench.post(webhook(alerts))).status).toBe(202);
    for (const [token, status] of [
      [TOKENS.patient, 503],
      [TOKENS.hasty, 429],
    ] as const) {
      const answer = await bench.post(webhook([...alerts, alertIn("shop")]), token);
      expect([answer.status, answer.headers.get("retry-after")]).toEqual([status, expect.any(String)]);
      expect(await answer.json()).toMatchObject({ code: "overloaded" });
    }
    expect((await bench.post(webhook(alerts))).status).toBe(202);
    expect((await bench.post(webhook([alertIn("other")]))).status).toBe(202);
  });
});
