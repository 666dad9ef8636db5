import { describe, expect, it } from "vitest";
import { BRIDGE_ANSWERS, createBridgeMetrics } from "../../../src/metrics/bridge-metrics.ts";
import { familyText } from "../../../src/metrics/family-text.ts";
import { createOwnMetrics } from "../../../src/metrics/own-metrics.ts";
import { createProxyMetrics, KUBERNETES_OPERATIONS } from "../../../src/metrics/proxy-metrics.ts";
import { METRICS } from "../../../src/metrics/table.ts";
import { alertIn, webhook } from "../../runtime/payloads.ts";
import { type Family, familiesOf, samplesOf } from "../../support/read-metrics.ts";
import { openGateway, TOKENS } from "../http/bench.ts";

/** What a page tells that the table does not, and the reverse. */
function differences(page: readonly Family[], role: string): string[] {
  const rows = METRICS.filter(({ roles }) => roles.includes(role));
  const shown = new Map(page.map((family) => [family.name, family]));
  const missing = rows.filter(({ name }) => !shown.has(name)).map(({ name }) => `not exposed: ${name}`);
  const strange = page.flatMap(({ name, help, type, samples }) => {
    const row = rows.find((known) => known.name === name);
    if (!row) return [`not in the table: ${name}`];
    const labels = samples.flatMap((sample) =>
      Object.entries(sample.labels).filter(([label]) => !(type === "histogram" && label === "le")),
    );
    const unknown = labels.filter(([label, value]) => {
      const values = row.labels[label];
      return values === undefined || (typeof values !== "string" && !values.includes(value));
    });
    const described = row.help === help && row.type === type;
    return [...(described ? [] : [`described otherwise: ${name}`]), ...unknown.map(([label, value]) => `${name}: ${label}=${value}`)];
  });
  return [...missing, ...strange];
}

describe("the table of metrics", () => {
  it("holds everything that a gateway exposes, with its labels, and nothing else", async () => {
    const { post, ask } = openGateway({ own: createOwnMetrics() });
    await post(webhook([alertIn("shop"), { ...alertIn("shop"), status: "unheard-of" }]));
    await post("no json");
    const page = familiesOf(await (await ask("/metrics", { token: TOKENS.read })).text());
    expect(differences(page, "gateway")).toEqual([]);
  });

  it("holds everything that a proxy and a bridge expose, with its labels, and nothing else", () => {
    const proxy = createProxyMetrics({ watches: () => true, countsUnwritten: () => 0 });
    for (const operation of KUBERNETES_OPERATIONS) proxy.requested(operation, null);
    proxy.performed("ensure", "created");
    const bridge = createBridgeMetrics();
    for (const answer of BRIDGE_ANSWERS) bridge.answered(answer);
    expect(differences(familiesOf(proxy.text()), "proxy")).toEqual([]);
    expect(differences(familiesOf(bridge.text({ isUp: true, memoryUsed: 0.5, evicts: false })), "bridge")).toEqual([]);
  });

  it("holds each metric once, calls what only grows a counter by its name, and gives times in seconds", () => {
    expect(new Set(METRICS.map(({ name }) => name)).size).toBe(METRICS.length);
    for (const { name, type, unit } of METRICS) {
      expect(name.endsWith("_total"), name).toBe(type === "counter");
      expect(name.endsWith("_seconds"), name).toBe(unit === "seconds");
    }
  });

  it("has no label that an alert could fill", () => {
    for (const { name, labels } of METRICS) expect(Object.keys(labels), name).not.toContain("namespace");
  });
});

describe("a label's value", () => {
  it.each(['a"} 1\nfake_total{b="', "back\\slash", "new\nline", '\\"', "\\n"])("cannot break the format: %j", (text) => {
    const page = familyText({ name: "some_total", help: "Some.", type: "counter" }, [{ labels: { source: text }, value: 1 }]);
    expect(samplesOf(page)).toEqual([{ name: "some_total", labels: { source: text }, value: 1 }]);
  });
});
