import { expect, it } from "vitest";
import { explore, type Finding, type World } from "./interleaving.ts";

/** Another seed explores other histories; a finding names its own. */
const FIRST_SEED = Number(process.env.BREAKWATER_SEED ?? 1);

const world: World = {
  deletions: true,
  namespaces: true,
  touches: false,
  crashes: true,
  watches: true,
  forsaken: false,
  without: null,
};
const twoLive = (findings: readonly Finding[]) => findings.filter(({ what }) => what === "two-live").length;

it("leaves at most one live request of a fingerprint, whoever creates, dies, ends, deletes or removes the namespace meanwhile", async () => {
  expect(await explore(FIRST_SEED, 100_000, world)).toEqual([]);
}, 240_000);

it("leaves at most one also where nothing is watched", async () => {
  expect(await explore(FIRST_SEED, 20_000, { ...world, watches: false })).toEqual([]);
}, 240_000);

it("makes one object per intent while nothing is deleted and no namespace moves", async () => {
  expect(await explore(FIRST_SEED, 20_000, { ...world, deletions: false, namespaces: false, touches: true })).toEqual([]);
}, 240_000);

it("leaves two live requests only where a controller had begun to work on one", async () => {
  expect(await explore(FIRST_SEED, 20_000, { ...world, touches: true })).toEqual([]);
}, 240_000);

it("leaves what a dead creator made, and nobody asks for any more, to the watch", async () => {
  expect(await explore(FIRST_SEED, 20_000, { ...world, forsaken: true })).toEqual([]);
}, 240_000);

it("would leave two live requests without the look after a creation", async () => {
  for (const watches of [false, true])
    expect(twoLive(await explore(FIRST_SEED, 5_000, { ...world, watches, without: "last-look" }))).toBeGreaterThan(50);
}, 60_000);

it("would leave two live requests if a later try saw no more than a watch", async () => {
  expect(twoLive(await explore(FIRST_SEED, 40_000, { ...world, without: "fresh-retries" }))).toBeGreaterThan(1);
}, 240_000);
