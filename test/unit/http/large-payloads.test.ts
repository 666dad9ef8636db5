import { describe, expect, it } from "vitest";
import { createOwnMetrics } from "../../../src/metrics/own-metrics.ts";
import { alertIn, eventIn, webhook } from "../../runtime/payloads.ts";
import { openGateway, PROMETHEUS, TOKENS } from "./bench.ts";

const EVENTS = "/api/v1/signals/kubernetes-event";
const MIB = 1024 * 1024;
const withOwn = () => {
  const own = createOwnMetrics();
  return { own, ...openGateway({ own }) };
};
const problemOf = async (answer: Response) => ({ status: answer.status, ...((await answer.json()) as { code: string; detail: string }) });

/** A body that counts how much of it was read. */
function counted(bytes: number) {
  let read = 0;
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (read >= bytes) return controller.close();
        read += 65_536;
        controller.enqueue(new Uint8Array(65_536).fill(0x20));
      },
    },
    { highWaterMark: 0 },
  );
  return { body, read: () => read };
}

describe("a payload beyond the limits", () => {
  const TOO_MANY = Array.from({ length: 5_001 }, () => 1);

  it.each([
    ["of junk", PROMETHEUS, webhook(TOO_MANY)],
    ["of alerts", PROMETHEUS, webhook(TOO_MANY.map(() => alertIn("shop")))],
    ["that is an array of junk", EVENTS, TOO_MANY],
    ["that is an array of events", EVENTS, TOO_MANY.map(() => eventIn("shop"))],
    ["that is a list", EVENTS, { kind: "EventList", items: TOO_MANY }],
  ])(
    "in number, %s, is refused, counted by its source and logged with what helps, and nothing of it is decided",
    async (_, path, payload) => {
      const { post, own, lines, writer } = withOwn();
      expect(await problemOf(await post(payload, TOKENS.patient, path))).toMatchObject({
        status: 413,
        code: "alerts-too-many",
        detail: expect.stringMatching(/^more than 5000 alerts.*max_alerts/),
      });
      expect(own.text()).toContain('gateway_payloads_refused_total{source="patient",reason="alerts-too-many"} 1\n');
      const [refused, webhook] = lines.map((line) => JSON.parse(line));
      expect(refused).toMatchObject({
        ...{ event: "payload-refused", source: "patient", reason: "alerts-too-many", remedy: expect.stringContaining("max_alerts") },
      });
      expect(webhook).toMatchObject({ event: "webhook", requestId: refused.requestId, source: "patient", status: 413 });
      expect(writer.list()).toEqual([]);
    },
  );

  it.each([
    ["body-too-large", " ".repeat(8 * MIB + 1)],
    ["alerts-too-many", `{"alerts":[${"1,".repeat(600_000)}1]}`],
    ["values-too-many", `{"alerts":[{${Array.from({ length: 120_000 }, (_, at) => `"name_${at}":0`).join(",")}}]}`],
    ["values-too-many", `[[${"{},".repeat(600_000)}{}]]`],
  ])("in another way is refused as %s", async (code, body) => {
    const { post, own, ask } = withOwn();
    expect(await problemOf(await post(body))).toMatchObject({ status: 413, code, detail: expect.stringContaining("max_alerts") });
    const metrics = await (await ask("/metrics", { token: TOKENS.read })).text();
    expect(metrics).toContain(`gateway_payloads_refused_total{source="patient",reason="${code}"} 1\n`);
    expect(own.text()).toContain(`{source="patient",reason="${code}"} 1\n`);
  });

  it("is nothing that its siblings are not told of: those within are taken", async () => {
    const { post } = withOwn();
    expect((await post(webhook(TOO_MANY.slice(1)))).status).toBe(202);
  });
});

describe("bodies at once", () => {
  const send = (
    gateway: ReturnType<typeof openGateway>["gateway"],
    body: ReadableStream | string,
    told: number,
    token: string = TOKENS.patient,
  ) =>
    gateway.fetch(
      new Request(`http://localhost${PROMETHEUS}`, {
        method: "POST",
        body,
        duplex: "half",
        headers: { "content-type": "application/json", "content-length": `${told}`, authorization: `Bearer ${token}` },
      } as RequestInit),
      { run: () => {} },
    );
  const silent = () => new ReadableStream<Uint8Array>({});

  it("beyond the room for them are told to come again, before anything of them is read", async () => {
    const { gateway, own, lines } = withOwn();
    void send(gateway, silent(), 8 * MIB);
    void send(gateway, silent(), 8 * MIB);
    await new Promise((resolve) => setImmediate(resolve));
    const { body, read } = counted(MIB);
    const answer = await send(gateway, body, MIB);
    expect(answer.headers.get("retry-after")).toBe("5");
    expect([await problemOf(answer), read()]).toMatchObject([{ status: 503, code: "no-room" }, 0]);
    expect((await send(gateway, counted(MIB).body, MIB, TOKENS.hasty)).status).toBe(429);
    expect(own.text()).toContain('{source="patient",reason="no-room"} 1\n');
    expect(lines).toContainEqual(expect.stringContaining('"reason":"no-room"'));
  });

  it.each([
    ["that was taken", JSON.stringify(webhook([])), 202],
    ["that is no JSON", "{", 400],
    ["of a foreign shape", '"text"', 422],
    ["with too many alerts", JSON.stringify(webhook(Array.from({ length: 5_001 }, () => 1))), 413],
    ["with too many values", `[${"1,".repeat(600_000)}1]`, 413],
    ["that is too large", counted(9 * MIB), 413],
    ["that nobody sent to its end", new ReadableStream({ start: (controller) => controller.error(new Error("reset")) }), 400],
  ])("leave their room to others once one %s is answered", async (_, body, status) => {
    const { gateway } = withOwn();
    for (let times = 0; times < 4; times += 1) {
      const stream = typeof body === "string" ? body : "read" in body ? counted(9 * MIB).body : times === 0 ? body : null;
      if (stream) expect((await send(gateway, stream, 8 * MIB)).status).toBe(status);
    }
    expect((await send(gateway, JSON.stringify(webhook([alertIn("shop")])), 8 * MIB)).status).toBe(201);
  });

  it("leave it also where what became of them is unknown", async () => {
    const { gateway, fail } = withOwn();
    fail(() => new Error("unexpected"));
    for (let times = 0; times < 3; times += 1)
      expect((await send(gateway, JSON.stringify(webhook([alertIn("shop")])), 8 * MIB)).status).toBe(503);
    fail(null);
    expect((await send(gateway, JSON.stringify(webhook([alertIn("shop")])), 8 * MIB)).status).toBe(201);
  });
});

describe("a large payload", () => {
  it("with one element that is no JSON is refused as a whole, and nothing of it is decided", async () => {
    const { post, writer } = withOwn();
    const alerts = JSON.stringify(Array.from({ length: 1_000 }, () => alertIn("shop")));
    for (const [element, code] of [
      ['{"a":1,"a":2}', "duplicate-key"],
      ["{]", "json-invalid"],
    ])
      expect(await problemOf(await post(`{"alerts":${alerts.slice(0, -1)},${element}]}`))).toMatchObject({ status: 400, code });
    expect(writer.list()).toEqual([]);
  });

  it("is judged by a dry run in its order", async () => {
    const { post } = withOwn();
    const alerts = Array.from({ length: 1_001 }, () => ({ ...alertIn("shop"), status: "resolved" }));
    const answer = await post(webhook(alerts), TOKENS.patient, `${PROMETHEUS}?dryRun=true`);
    const { results } = (await answer.json()) as { results: { fingerprint: string }[] };
    const one = await post(webhook(alerts.slice(1_000)), TOKENS.patient, `${PROMETHEUS}?dryRun=true`);
    expect([results.length, results[1_000]]).toEqual([1_001, ((await one.json()) as { results: unknown[] }).results[0]]);
  });
});
