import { describe, expect, it } from "vitest";
import { placesOf } from "../../../src/domain/feature.ts";

const namespaces = Array.from({ length: 10_000 }, (_, at) => `team-${at}`);
const having = (cluster: string, feature: 0 | 1, percent: number) =>
  namespaces.filter((namespace) => placesOf(cluster, namespace)[feature] < percent * 100);

describe("places of namespaces", () => {
  it.each([
    ["default", 0],
    ["default", 1],
    ["eu", 0],
    ["eu", 1],
  ] as const)(
    "give a quarter of 10,000 a feature to within 1.5 %%, in %s of feature %i, and half of them contains it",
    (cluster, feature) => {
      const [quarter, half] = [having(cluster, feature, 25), new Set(having(cluster, feature, 50))];
      expect(Math.abs(quarter.length / namespaces.length - 0.25)).toBeLessThanOrEqual(0.015);
      expect(Math.abs(half.size / namespaces.length - 0.5)).toBeLessThanOrEqual(0.015);
      expect(quarter.every((namespace) => half.has(namespace))).toBe(true);
    },
  );

  it("of the two features, and of two clusters, say nothing of each other", () => {
    const [states, storms, elsewhere] = [having("default", 0, 50), new Set(having("default", 1, 50)), new Set(having("eu", 0, 50))];
    for (const others of [storms, elsewhere])
      expect(Math.abs(states.filter((namespace) => others.has(namespace)).length / namespaces.length - 0.25)).toBeLessThanOrEqual(0.015);
  });

  it("stay what they are from version to version", () => {
    expect(PINNED.map(([cluster, namespace]) => [cluster, namespace, ...placesOf(cluster, namespace)])).toEqual(PINNED);
  });
});

const PINNED: readonly (readonly [cluster: string, namespace: string, ...number[]])[] = [
  ["default", "shop", 42, 4235],
  ["eu", "shop", 9451, 5407],
  ["default", "kube-system", 37, 1518],
  ["default", "", 9691, 4206],
];
