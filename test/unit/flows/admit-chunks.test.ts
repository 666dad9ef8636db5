import { expect, it } from "vitest";
import type { ParsedAlert } from "../../../src/domain/alert.ts";
import { admitChunks, type Placed, type RulesFor } from "../../../src/flows/admit-chunks.ts";
import { alertOf } from "../../support/flow-bench.ts";

/** All that is to be decided of a payload of which nothing is known, in the calls that it takes. */
async function chunksOf(alerts: readonly ParsedAlert[], rulesFor: RulesFor, most?: () => number): Promise<Placed[][]> {
  const places = [...alerts.keys()];
  const whole = async (asked: readonly number[]) => asked.map((place) => alerts[place] as ParsedAlert);
  return Array.fromAsync(admitChunks({ places, known: new Map(), shared: new Set() }, whole, rulesFor, most));
}

const RULES = { threshold: 5, firstRequestMs: 45_000, joinMs: 600_000 };

it("hands the ledger each alert's group, target and rules, resolved ones too", async () => {
  const alerts = [
    alertOf("a", { group: "g".repeat(64), resource: { kind: "StatefulSet", name: "db" } }),
    alertOf("b", { status: "resolved", namespace: "", resource: { kind: "Node", name: "n1" } }),
  ];
  const placed = (await chunksOf(alerts, ({ status }) => (status === "firing" ? RULES : null))).flat();
  expect(placed.map(({ alert: { kind, group, target, windowRules } }) => [kind, group, target, windowRules])).toEqual([
    ["firing", "g".repeat(64), "shop:StatefulSet:db", RULES],
    ["resolved", alerts[1]?.group, ":Node:n1", null],
  ]);
});

it("asks for no rules of what cannot be judged", async () => {
  const invalid = {
    kind: "invalid",
    fingerprint: "x",
    instance: "x",
    namespace: "shop",
    reason: "not-an-object",
    signalType: "prometheus-alert",
    payload: "1",
  } as const;
  const never = () => {
    throw new Error("asked");
  };
  const [chunk = []] = await chunksOf([invalid], never);
  expect(chunk).toMatchObject([{ index: 0, alert: { kind: "invalid", namespace: "shop", group: "", target: "", windowRules: null } }]);
});

it("asks for no more alerts in a call than the ledger is to have at a time", async () => {
  const alerts = Array.from({ length: 501 }, (_, at) => alertOf(`a${at}`));
  const sizes = async (most?: () => number) => (await chunksOf(alerts, () => null, most)).map((chunk) => chunk.length);
  expect(await sizes()).toEqual([500, 1]);
  expect(await sizes(() => 100)).toEqual([100, 100, 100, 100, 100, 1]);
  const turns = [300, 50, 500];
  expect(await sizes(() => turns.shift() ?? 0)).toEqual([300, 50, 151]);
});
