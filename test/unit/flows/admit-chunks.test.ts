import { expect, it } from "vitest";
import { admitChunks } from "../../../src/flows/admit-chunks.ts";
import { alertOf, ignoredOf } from "../../support/flow-bench.ts";

const RULES = { threshold: 5, firstRequestMs: 45_000, joinMs: 600_000 };

it("hands the ledger each alert's group, target and rules, resolved ones too", () => {
  const alerts = [
    alertOf("a", { group: "g".repeat(64), resource: { kind: "StatefulSet", name: "db" } }),
    alertOf("b", { status: "resolved", namespace: "", resource: { kind: "Node", name: "n1" } }),
  ];
  const placed = admitChunks(alerts, ({ status }) => (status === "firing" ? RULES : null)).flat();
  expect(placed.map(({ alert: { kind, group, target, windowRules } }) => [kind, group, target, windowRules])).toEqual([
    ["firing", "g".repeat(64), "shop:StatefulSet:db", RULES],
    ["resolved", alerts[1]?.group, ":Node:n1", null],
  ]);
});

it("asks for no rules of what cannot be judged", () => {
  const invalid = { kind: "invalid", fingerprint: "x", reason: "not-an-object", signalType: "prometheus-alert", payload: "1" } as const;
  const ignored = ignoredOf("i");
  const never = () => {
    throw new Error("asked");
  };
  const [chunk = []] = admitChunks([invalid, ignored], never);
  expect(chunk).toMatchObject([{ index: 0, alert: { kind: "invalid", group: "", target: "", windowRules: null } }]);
});

it("asks for no more alerts in a call than the ledger is to have at a time", () => {
  const alerts = Array.from({ length: 501 }, (_, at) => alertOf(`a${at}`));
  const sizes = (most?: number) => admitChunks(alerts, () => null, most).map((chunk) => chunk.length);
  expect(sizes()).toEqual([500, 1]);
  expect(sizes(100)).toEqual([100, 100, 100, 100, 100, 1]);
});
