import { ok } from "node:assert/strict";
import { afterAll, beforeAll, describe, it } from "vitest";
import { KINDS } from "../kinds.ts";
import {
  checkAlive,
  checkKeys,
  checkLogs,
  checkMetrics,
  checkObjects,
  checkPages,
  checkStored,
  FOREIGN_KEY,
  FOREIGN_VALUE,
  note,
  type Told,
} from "./aftermath.ts";
import { type Attempt, type Platform, platformsOf } from "./attempt.ts";
import { exchange } from "./exchange.ts";
import { checkAnswer } from "./guarantees.ts";
import { type Stage, urlOf } from "./stage.ts";

/** Makes every attempt that applies to a platform, and looks after each kind what is left of it. */
export function attack(platform: Platform, open: () => Promise<Stage>): void {
  describe(`attacks: ${platform}`, { timeout: 60_000 }, () => {
    let opened: Stage | undefined;
    const told: Told = new Set();
    const stage = () => opened as Stage;
    beforeAll(async () => {
      opened = await open();
      await opened.redis?.set(FOREIGN_KEY, FOREIGN_VALUE);
    }, 120_000);
    afterAll(() => opened?.stop(), 30_000);

    const attempt = async ({ at, sends, holds }: Attempt) => {
      const seen = await exchange(urlOf(stage(), at), await sends(stage()));
      for (const secret of stage().secrets) ok(!seen.rest.includes(secret), "what is no answer holds a secret");
      for (const answer of seen.answers) {
        if (answer.status < 300) note(told, answer.text);
        checkAnswer(answer, at, stage());
      }
      await holds.check(seen, stage());
    };
    const applies = (one: Attempt) => platformsOf(one).includes(platform);

    for (const { name, controls, attempts } of KINDS) {
      const [honest, hostile] = [controls.filter(applies), attempts.filter(applies)];
      if (hostile.length === 0) continue;
      describe(name, () => {
        for (const one of honest) it(`what is honest passes: ${one.name}, at the ${one.at}`, () => attempt(one));
        for (const one of hostile) it.concurrent(`${one.name}, at the ${one.at}`, () => attempt(one));
        it("leaves every part alive, its log whole, and nothing behind", async () => {
          await checkAlive(stage());
          checkLogs(stage());
          await checkObjects(stage(), told);
          await checkMetrics(stage());
          await checkKeys(stage());
        });
      });
    }

    it("leaves no secret in what is stored, logged and shown", async () => {
      await checkStored(stage());
      await checkPages(stage());
      checkLogs(stage());
    });
  });
}
