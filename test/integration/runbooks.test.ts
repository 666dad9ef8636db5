import { afterAll, beforeAll, expect, it } from "vitest";
import { rehearse } from "../support/rehearsal/rehearse.ts";
import { startWorld, type World } from "../support/rehearsal/world.ts";

/** Of the rules that `npm run -s figures -- runbooks` rehearses all of: a process, rights, a definition, Redis, settings. */
const SAMPLE = [
  "BreakwaterGatewayAbsent",
  "BreakwaterRequestsStuck",
  "BreakwaterDeadLetters",
  "BreakwaterLedgerUnread",
  "BreakwaterBufferNearlyFull",
];

let world: World;
beforeAll(async () => {
  world = await startWorld();
}, 90_000);
afterAll(async () => await world?.stop());

it.each(SAMPLE)("%s is fired by its fault, and ended by the commands of its runbook", { timeout: 150_000 }, async (alert) => {
  expect(await rehearse(world, alert)).toMatchObject({ alert });
});
