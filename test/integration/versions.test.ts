import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openRedis } from "../../src/adapters/redis/client.ts";
import { createRedisLedger } from "../../src/adapters/redis/ledger.ts";
import { Failure } from "../../src/domain/failure.ts";
import type { Ledger } from "../../src/ports/ledger.ts";
import { accountsForEverything, caresForEverybody } from "../property/ledger-histories.ts";
import { concurrent, stormyTogether } from "../property/ledger-steps.ts";
import type { WorldLedger } from "../property/ledger-world.ts";
import { type FormerVersion, unpackFormerVersion } from "../support/former-version.ts";
import { RULES } from "../support/ledger-builders.ts";
import { freshName, realParts } from "../support/real-parts.ts";

type CreateLedger = typeof createRedisLedger;

/** Who decides a delivery or drains a round, in turn: the version before, or this one. */
type Turns = readonly ("former" | "current")[];

/** The version before has a class of its own for the same. */
function ofThisVersion(error: unknown): never {
  if (error instanceof Error && error.constructor.name === "Failure") {
    const { code, message, effect } = error as Failure;
    throw new Failure(code, message, effect);
  }
  throw error;
}

describe("two versions on one Redis", { timeout: 300_000 }, () => {
  let former: FormerVersion;
  let createFormer: CreateLedger;
  beforeAll(async () => {
    former = unpackFormerVersion();
    ({ createRedisLedger: createFormer } = (await import(join(former.dir, "src/adapters/redis/ledger.ts"))) as {
      createRedisLedger: CreateLedger;
    });
  });
  afterAll(() => former.remove());

  /** The former ledger under today's flows: what it does not hand out is nothing. */
  const openFormer: CreateLedger = (...options) => {
    const ledger = createFormer(...options);
    return {
      ...ledger,
      async lease(limit) {
        const { intents, counts, ...rest } = await ledger.lease(limit);
        return {
          ...rest,
          ...{ flags: [], rolledBack: [] },
          intents: intents.map((intent) => ({ ...intent, namespace: intent.namespace ?? "shop" })),
          counts: counts.map((count) => ({ ...count, late: count.late ?? [], urgency: count.urgency ?? null })),
        };
      },
    };
  };

  /** Calls that the version before does not know are this one's. */
  const openBoth = (turns: Turns, served: Set<string>) => (nowMs: () => number) => {
    const { bridgeUrl, bridgeToken } = realParts();
    const redis = openRedis({ url: bridgeUrl, token: bridgeToken, timeoutMs: 5_000, autoPipelining: false });
    const options = { cluster: freshName("versions"), rules: RULES, clock: { now: nowMs }, virtualTime: true };
    const client = { redis, engine: "redis" } as const;
    const both = { former: openFormer(client, options), current: createRedisLedger(client, options) };
    let calls = 0;
    const serve =
      (method: keyof Ledger) =>
      (...args: unknown[]) => {
        if (method === "admit" || method === "lease") calls += 1;
        const turn = turns[calls % turns.length] ?? "current";
        const version = method in both[turn] ? turn : "current";
        served.add(`${version} ${method}`);
        return (both[version][method] as (...args: unknown[]) => Promise<unknown>)(...args).catch(ofThisVersion);
      };
    const methods = Object.keys(both.current).map((method) => [method, serve(method as keyof Ledger)]);
    const current = { survey: both.current.survey, keepsNoAccount: true };
    return { ...Object.fromEntries(methods), ...current } as WorldLedger;
  };

  const turns = fc.array(fc.constantFrom("former", "current"), { minLength: 1, maxLength: 7 });

  it("lose nobody who fires, whichever of them decides, makes requests, sweeps and writes", async () => {
    const served = new Set<string>();
    await fc.assert(
      fc.asyncProperty(stormyTogether, turns, (history, order) => caresForEverybody(history, openBoth(order, served))),
      { numRuns: 300 },
    );
    for (const method of ["admit", "fact", "lease", "settle", "sweep", "crew"])
      for (const version of ["former", "current"]) expect(served).toContain(`${version} ${method}`);
  });

  it("count every answered delivery exactly once, whichever of them counts", () =>
    fc.assert(
      fc.asyncProperty(concurrent, turns, (history, order) => accountsForEverything(history, openBoth(order, new Set()), true)),
      { numRuns: 300 },
    ));
});
