import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { parseKubernetesEvents } from "../../../src/sources/kubernetes-event.ts";
import { context, entry, expectAlert, expectOk, parseOne } from "./context.ts";

const labels = { alertname: "HighCpu", namespace: "shop", pod: "web-0", severity: "critical" };
const group = async (over: Readonly<Record<string, string>> = {}, more = {}) =>
  expectAlert(await parseOne(entry({ ...labels, ...over }), more)).group;
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

it("alerts of one name, namespace and cluster are one group, whatever they are about and whoever tells them", async () => {
  expect(await group()).toBe(sha256("storm:eu-1:shop:HighCpu"));
  expect(await group({ pod: "web-1", severity: "info" }, { source: "other" })).toBe(await group());
});

it.each([
  ["name", { alertname: "HighMemory" }, {}],
  ["namespace", { namespace: "billing" }, {}],
  ["cluster", {}, { cluster: "us-1" }],
])("another %s is another group", async (_, over, more) => {
  expect(await group(over, more)).not.toBe(await group());
});

it("what lives outside of namespaces is grouped by its name, whatever namespace a label tells", async () => {
  const node = { job: "kube-state-metrics", pod: "", node: "n1" };
  expect(await group(node)).toBe(sha256("storm:eu-1::HighCpu"));
  expect(await group({ ...node, node: "n2", namespace: "other" })).toBe(await group(node));
});

it("events are grouped by their reason", async () => {
  const event = { kind: "Event", involvedObject: { kind: "Pod", name: "web-0", namespace: "shop" }, reason: "BackOff", type: "Warning" };
  const [alert] = expectOk(await parseKubernetesEvents(event, context())).alerts;
  expect(expectAlert(alert).group).toBe(sha256("storm:eu-1:shop:BackOff"));
});
