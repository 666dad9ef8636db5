import { afterAll, beforeAll } from "vitest";
import { type OwnRedis, startOwnRedis } from "../../../test/support/own-redis.ts";
import { connectLedgers, type Ledgers } from "./flow-parts.ts";

/** A Redis of the file's own, for as long as its measurements run, and a connection to it. */
export function useOwnLedgers(): { readonly own: OwnRedis; readonly ledgers: Ledgers } {
  const parts: { own?: OwnRedis; ledgers?: Ledgers } = {};
  beforeAll(async () => {
    parts.own = await startOwnRedis();
    parts.ledgers = await connectLedgers(parts.own.url);
  });
  afterAll(async () => {
    parts.ledgers?.close();
    await parts.own?.stop();
  });
  return parts as { own: OwnRedis; ledgers: Ledgers };
}
