import { beforeAll, describe, expect, it } from "vitest";
import { createProxyWriter } from "../../../src/adapters/proxy/client.ts";
import { OPERATIONS_BODY_BYTES_MAX } from "../../../src/protocol/operations.ts";
import type { SigningKey } from "../../../src/protocol/token.ts";
import { ensureOf, fingerprintOf } from "../kubernetes/builders.ts";
import { newKey } from "./keys.ts";

const operation = ensureOf(fingerprintOf("a"), "intent-a");
const state = {
  namespace: "shop",
  name: "rr-a-1",
  uid: "u",
  resourceVersion: "1",
  intent: "intent-a",
  phase: "",
  ended: false,
  endedAtMs: null,
  session: "s1",
  urgency: null,
};
const created = { kind: "created", state, otherOccurrences: 0, takenBack: ["v"] };

describe("the proxy's client", () => {
  let signingKey: SigningKey;
  beforeAll(async () => {
    ({ signingKey } = await newKey("k1"));
  });

  const calls: { url: string; init: RequestInit }[] = [];
  const writerOn = (answer: (init: RequestInit) => Promise<Response>) =>
    createProxyWriter({
      url: "https://proxy.test/",
      cluster: "east",
      signingKey,
      clock: { now: () => 1_000_000_000 },
      fetch: (url, init) => {
        calls.push({ url, init });
        return answer(init);
      },
    });
  const perform = (answer: (init: RequestInit) => Promise<Response>, timeoutMs = 4_000) => writerOn(answer).perform([operation], timeoutMs);
  const json =
    (body: unknown, status = 200) =>
    async () =>
      Response.json(body, { status });

  it("takes the answer of a proxy that knows neither sessions nor what was taken back", async () => {
    const { session: _session, ...before } = state;
    expect(await perform(json({ results: [{ kind: "created", state: before, otherOccurrences: 0 }] }))).toEqual([
      { ...created, state: { ...state, session: null }, takenBack: [] },
    ]);
  });

  it("hands on the results, and gives the proxy less time than it has itself", async () => {
    expect(await perform(json({ results: [created] }))).toEqual([created]);
    const { url, init } = calls.at(-1) as (typeof calls)[number];
    expect(url).toBe("https://proxy.test/proxy/v1/operations");
    const body = JSON.parse(new TextDecoder().decode(init.body as Uint8Array));
    expect(body).toEqual({ operations: [operation], deadlineMs: 3_600 });
  });

  it("asks nobody for nothing", async () => {
    const before = calls.length;
    expect(await writerOn(json({})).perform([], 4_000)).toEqual([]);
    expect(calls).toHaveLength(before);
  });

  it("trusts no answer about an operation that does not fit it, and all others that came with it", async () => {
    const operations = [operation, operation, operation];
    for (const odd of [{ kind: "gone" }, { kind: "done" }, null, { ...created, state: { ...state, intent: "intent-b" } }])
      expect(await writerOn(json({ results: [created, odd, created] })).perform(operations, 4_000)).toEqual([
        created,
        { kind: "failed", reason: "writer-reply-invalid" },
        created,
      ]);
  });

  it("trusts no answer about another number of operations", async () => {
    for (const body of [{}, { results: [] }, { results: [created, created] }])
      await expect(perform(json(body))).rejects.toMatchObject({ code: "writer-reply-invalid", effect: "unknown" });
    await expect(perform(async () => new Response("<html>"))).rejects.toMatchObject({ code: "writer-reply-invalid" });
  });

  it("says what is known of a call that failed", async () => {
    const unknown = { code: "writer-unavailable", effect: "unknown" };
    for (const status of [500, 502, 503, 504, 404, 429, 302]) await expect(perform(json({}, status))).rejects.toMatchObject(unknown);
    await expect(perform(() => Promise.reject(new TypeError("fetch failed")))).rejects.toMatchObject(unknown);
    await expect(perform(json({}, 401))).rejects.toMatchObject({ code: "writer-unauthorized", effect: "none" });
    await expect(perform(json({}, 413))).rejects.toMatchObject({ code: "writer-overfilled", effect: "none" });
    await expect(perform(json({}, 422))).rejects.toMatchObject({ code: "writer-refused", effect: "none" });
  });

  it("sends no more than the proxy takes in one call", async () => {
    const before = calls.length;
    const spec = { ...operation.draft.spec, providerData: "a".repeat(OPERATIONS_BODY_BYTES_MAX) };
    const oversize = writerOn(json({})).perform([{ ...operation, draft: { namespace: "shop", spec } }], 4_000);
    await expect(oversize).rejects.toMatchObject({ code: "writer-overfilled", effect: "none" });
    expect(calls).toHaveLength(before);
  });

  it("follows no redirect", async () => {
    await perform(json({ results: [created] }));
    expect(calls.at(-1)?.init.redirect).toBe("manual");
  });

  it("gives up in time, also on a body that never ends", async () => {
    const never = (init: RequestInit) =>
      new Promise<Response>((_, reject) => init.signal?.addEventListener("abort", () => reject(init.signal?.reason)));
    await expect(perform(never, 5)).rejects.toMatchObject({ code: "writer-unavailable", effect: "unknown" });
    const endless = async (init: RequestInit) =>
      new Response(
        new ReadableStream({ start: (stream) => init.signal?.addEventListener("abort", () => stream.error(init.signal?.reason)) }),
      );
    await expect(perform(endless, 5)).rejects.toMatchObject({ code: "writer-unavailable", effect: "unknown" });
  });

  it("keeps payloads and keys out of what it throws", async () => {
    const error = await perform(json({}, 500)).catch(String);
    expect(error).not.toContain("HighMemory");
    expect(error).not.toContain("Bearer");
  });
});
