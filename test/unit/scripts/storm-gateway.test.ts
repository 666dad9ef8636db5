import { describe, expect, it } from "vitest";
import { gatewayAt, Refused } from "../../../scripts/storm/gateway.ts";
import { webhooksOf } from "../../../scripts/storm/webhooks.ts";

const URL_OF_GATEWAY = new URL("http://localhost:8787");
const [webhook] = webhooksOf({ size: 2, groups: 1, batch: 2 }, "run", 0) as [ReturnType<typeof webhooksOf>[number]];
const FINGERPRINT = "a".repeat(64);
const problem = (code: string) => JSON.stringify({ status: 400, code, title: code, detail: "of the test" });
const result = (over: object = {}) => ({ fingerprint: FINGERPRINT, outcome: "buffered", remediationRequest: null, reason: "new", ...over });
const results = (...all: object[]) => JSON.stringify({ requestId: "1", results: all });
const receipt = (over: object = {}) => JSON.stringify({ state: "buffered", remediationRequest: null, steps: [], ...over });

/** A gateway that gives one answer, and what it was asked. */
function answering(status: number, body: string, token = "") {
  const asked: { readonly url: string; readonly init: RequestInit }[] = [];
  const send = async (url: URL, init: RequestInit) => {
    asked.push({ url: url.href, init });
    return new Response(body, { status });
  };
  return { gateway: gatewayAt(URL_OF_GATEWAY, token, send), asked };
}

describe("a delivery of the drill", () => {
  it("tells of each alert its fingerprint, outcome and request", async () => {
    const made = result({ outcome: "created", remediationRequest: { namespace: "shop", name: "rr-1" } });
    const { gateway, asked } = answering(202, results(result(), made), "secret");
    expect(await gateway.deliver(webhook)).toEqual([
      { fingerprint: FINGERPRINT, outcome: "buffered", request: null },
      { fingerprint: FINGERPRINT, outcome: "created", request: "shop/rr-1" },
    ]);
    expect(asked[0]).toMatchObject({ url: "http://localhost:8787/api/v1/signals/prometheus", init: { method: "POST" } });
    expect(asked[0]?.init.headers).toMatchObject({ authorization: "Bearer secret" });
  });

  it.each([
    [503, problem("store-unavailable"), "503 store-unavailable: of the test"],
    [429, problem("overloaded"), "429 overloaded: of the test"],
    [502, "<html>\n<p>Bad gateway</p>", "502 <html> <p>Bad gateway</p>"],
    [500, "", "500"],
  ])("is to be repeated after %i", async (status, body, trouble) => {
    expect(await answering(status, body).gateway.deliver(webhook)).toEqual({ trouble });
  });

  it("is to be repeated where nobody answered, and says why", async () => {
    const send = async () => {
      throw new TypeError("fetch failed", { cause: Object.assign(new Error("refused"), { code: "ECONNREFUSED" }) });
    };
    expect(await gatewayAt(URL_OF_GATEWAY, "", send).deliver(webhook)).toEqual({ trouble: "no answer from localhost:8787: ECONNREFUSED" });
  });

  it.each([
    [401, problem("unauthorized"), "unauthorized: of the test (the token is read from SOURCE_TOKEN)"],
    [404, "not found", "404 not found"],
    [302, "", "302"],
    [200, "", "no Breakwater gateway"],
    [200, "<html>", "no Breakwater gateway"],
    [200, "{}", "no Breakwater gateway"],
    [202, results(result()), "without a result for each alert"],
    [202, results(result(), { outcome: 1 }), "no Breakwater gateway"],
  ])("is refused by %i %j", async (status, body, message) => {
    const refusal = answering(status, body).gateway.deliver(webhook);
    await expect(refusal).rejects.toThrow(Refused);
    await expect(refusal).rejects.toThrow(message);
  });
});

describe("a look at a receipt", () => {
  it("tells the request, which may be a storm's", async () => {
    const { gateway, asked } = answering(200, receipt({ remediationRequest: { namespace: "shop", name: "rr-storm-1" } }));
    expect(await gateway.look(FINGERPRINT)).toEqual({ request: "shop/rr-storm-1", without: null });
    expect(asked[0]?.url).toBe(`http://localhost:8787/api/v1/receipts?fingerprint=${FINGERPRINT}`);
    expect(asked[0]?.init.headers).not.toHaveProperty("authorization");
  });

  it("tells what was settled without one by its last step", async () => {
    const steps = [{ event: "buffered" }, { event: "cancelled" }];
    expect(await answering(200, receipt({ state: "none", steps })).gateway.look(FINGERPRINT)).toEqual({
      request: null,
      without: "cancelled",
    });
    expect(await answering(200, receipt({ steps: steps.slice(0, 1) })).gateway.look(FINGERPRINT)).toEqual({ request: null, without: null });
  });

  it("may find nothing yet, or nobody", async () => {
    expect(await answering(404, problem("receipt-unknown")).gateway.look(FINGERPRINT)).toEqual({
      trouble: "404 receipt-unknown: of the test",
    });
    expect(await answering(503, problem("store-unavailable")).gateway.look(FINGERPRINT)).toHaveProperty("trouble");
  });

  it.each([
    [404, "not found"],
    [404, problem("cluster-unknown")],
    [401, problem("unauthorized")],
    [200, "{}"],
  ])("is refused by %i %j", async (status, body) => {
    await expect(answering(status, body).gateway.look(FINGERPRINT)).rejects.toThrow(Refused);
  });
});
