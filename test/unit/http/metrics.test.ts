import { describe, expect, it } from "vitest";
import { exposition } from "../../../src/metrics/exposition.ts";
import { COUNTERS, type Counter } from "../../../src/ports/ledger.ts";
import { alertIn, resolvedOf, webhook } from "../../runtime/payloads.ts";
import { openGateway, TOKENS } from "./bench.ts";

const counters = (value: number) => Object.fromEntries(COUNTERS.map((counter) => [counter, value])) as Record<Counter, number>;

/** A strict reader of Prometheus' text format 0.0.4, as far as counters need it. */
function parse(text: string): Map<string, number> {
  const samples = new Map<string, number>();
  let [family, typed] = ["", ""];
  expect(text.endsWith("\n")).toBe(true);
  for (const line of text.slice(0, -1).split("\n")) {
    const [, help, type, name, labels = "", value] =
      /^(?:# HELP ([a-z_]+) \S.*|# TYPE ([a-z_]+) counter|([a-z_]+)(\{[a-z]+="[^"\\\n]*"\}) (\d+))$/.exec(line) ?? [];
    expect(help ?? type ?? name, line).toBeDefined();
    if (help !== undefined) family = help;
    else expect(type ?? name).toBe(family);
    if (type !== undefined) typed = type;
    if (name === undefined) continue;
    expect(typed).toBe(name);
    expect(samples.has(name + labels)).toBe(false);
    samples.set(name + labels, Number(value));
  }
  return samples;
}

describe("the exposition", () => {
  it("holds every counter of every cluster once, its help and type before it", () => {
    const samples = parse(
      exposition([
        { cluster: "a", counters: counters(1) },
        { cluster: "b", counters: counters(2 ** 53 - 1) },
      ]),
    );
    expect(samples.size).toBe(2 * COUNTERS.length);
    expect(samples.get('gateway_alerts_received_total{cluster="b"}')).toBe(2 ** 53 - 1);
  });

  it("names the series that dashboards and rules rely on", () => {
    const samples = parse(exposition([{ cluster: "a", counters: counters(0) }]));
    const names = [
      "alerts_received",
      "crds_created",
      "deduplication_cache_hits",
      "deduplication_cache_misses",
      "crd_state_cache_hits",
      "crd_state_cache_misses",
    ];
    for (const name of names) expect(samples.get(`gateway_${name}_total{cluster="a"}`)).toBe(0);
  });
});

describe("/metrics", () => {
  it("counts each alert of a delivery once, however often it is sent", async () => {
    const { post, ask } = openGateway();
    const alert = alertIn("shop");
    const delivery = webhook([alert, { ...alertIn("shop"), status: "unheard-of" }, resolvedOf(alertIn("shop"))], { groupKey: "{}:{}" });
    await post(delivery);
    await post(delivery);
    await post(webhook([alert]));
    const answer = await ask("/metrics", { token: TOKENS.read });
    expect(answer.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    const samples = parse(await answer.text());
    const sample = (name: string) => samples.get(`gateway_${name}_total{cluster="default"}`);
    expect([sample("crds_created"), sample("alerts_quarantined"), sample("deduplication_cache_hits")]).toEqual([1, 1, 1]);
    expect(sample("alerts_received")).toBe(4);
  });
});
