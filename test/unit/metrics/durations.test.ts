import { describe, expect, it } from "vitest";
import { createDurations } from "../../../src/metrics/durations.ts";
import { alertIn, webhook } from "../../runtime/payloads.ts";
import { openGateway, TOKENS } from "../http/bench.ts";

const valuesOf = (text: string) =>
  new Map([...text.matchAll(/^gateway_request_duration_seconds(\S*) (\S+)$/gm)].map(([, at = "", value]) => [at, Number(value)]));

describe("durations", () => {
  it("are a histogram: each bound holds all below it, and the last one all", () => {
    const durations = createDurations();
    for (const seconds of [0.05, 0.051, 60]) durations.note(seconds);
    const text = durations.text();
    expect(text).toMatch(/^# HELP gateway_request_duration_seconds \S.*\n# TYPE gateway_request_duration_seconds histogram\n/);
    expect(text.endsWith("\n")).toBe(true);
    const values = valuesOf(text);
    expect(
      ['_bucket{le="0.025"}', '_bucket{le="0.05"}', '_bucket{le="0.1"}', '_bucket{le="10"}', '_bucket{le="+Inf"}', "_count"].map((at) =>
        values.get(at),
      ),
    ).toEqual([0, 1, 2, 2, 3, 3]);
    expect(values.get("_sum")).toBeCloseTo(60.101);
  });

  it("tell of every payload that was answered, whatever the answer, and of nothing else", async () => {
    const durations = createDurations();
    const { post, ask } = openGateway({ durations });
    await post(webhook([alertIn("shop")]));
    await post("no json");
    await ask("/health");
    const text = await (await ask("/metrics", { token: TOKENS.read })).text();
    expect(text.endsWith(durations.text())).toBe(true);
    expect(valuesOf(text).get("_count")).toBe(2);
  });
});
