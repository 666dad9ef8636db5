import { expect, it } from "vitest";
import { explore, type World } from "./interleaving.ts";

/** Another seed explores other histories; a finding names its own. */
const FIRST_SEED = Number(process.env.BREAKWATER_SEED ?? 1);

const world: World = { deletions: true, namespaces: true, touches: false, crashes: true, blind: false };

it("leaves at most one live request of a fingerprint, whoever creates, dies, ends, deletes or removes the namespace meanwhile", async () => {
  expect(await explore(FIRST_SEED, 100_000, world)).toEqual([]);
}, 240_000);

it("makes one object per intent while nothing is deleted and no namespace moves", async () => {
  expect(await explore(FIRST_SEED, 20_000, { ...world, deletions: false, namespaces: false, touches: true })).toEqual([]);
}, 120_000);

it("leaves two live requests only where a controller had begun to work on one", async () => {
  expect(await explore(FIRST_SEED, 20_000, { ...world, touches: true })).toEqual([]);
}, 120_000);

it("would leave two live requests without the look after a creation", async () => {
  const findings = await explore(FIRST_SEED, 5_000, { ...world, blind: true });
  expect(findings.filter(({ what }) => what === "two-live").length).toBeGreaterThan(50);
}, 60_000);
