import { ReplyError } from "ioredis";
import type { Log } from "../ports/log.ts";
import { type Access, logIn, openClient } from "./handshake.ts";

/**
 * How long the order to end a script may take to be heard: while a script runs, Redis hears nobody before its `busy-reply-threshold`,
 * 5 s unless set otherwise.
 */
const HEARD_WITHIN_MS = 10_000;

/** Redis has no limit on the time of a script, and serves nobody else meanwhile. One that has written cannot be ended (Redis, "SCRIPT KILL"). */
export function createScriptKiller(access: Access, log: Log): () => void {
  let underWay = false;
  const kill = async () => {
    const options = {
      commandTimeout: HEARD_WITHIN_MS,
      connectTimeout: HEARD_WITHIN_MS,
      retryStrategy: () => null,
      disableClientInfo: true,
    };
    const redis = openClient(access, { ...options, maxRetriesPerRequest: null });
    redis.on("error", () => {});
    try {
      // It is heard while a script runs, as SELECT is not.
      await logIn(redis, access.target.login);
      await redis.call("SCRIPT", "KILL");
      log.warn("redis-script-killed");
    } catch (error) {
      const word = error instanceof ReplyError ? (/^[A-Z]+/.exec((error as Error).message)?.[0] ?? "ERR") : "unanswered";
      // Nothing ran any more: it was slow, not endless.
      if (word !== "NOTBUSY") log.warn("redis-script-not-killed", { word });
    } finally {
      redis.disconnect();
    }
  };
  return () => {
    if (underWay) return;
    underWay = true;
    void kill().finally(() => {
      underWay = false;
    });
  };
}
