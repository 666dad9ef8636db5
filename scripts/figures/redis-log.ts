import type { Script } from "../../src/adapters/redis/script.ts";
import { dueScript } from "../../src/adapters/redis/scripts/due.ts";
import { factScript } from "../../src/adapters/redis/scripts/fact.ts";
import { leaseScript } from "../../src/adapters/redis/scripts/lease.ts";
import { settleScript } from "../../src/adapters/redis/scripts/settle.ts";
import { openFront } from "../../test/support/front.ts";
import type { RestAccess } from "../../test/support/installation.ts";

/** A front before a bridge that counts the HTTP requests of a gateway by what is in them. */
export interface RedisLog {
  readonly access: RestAccess;
  /** Since the start: those that hold nothing but scripts of the drain. */
  ofDrain(): number;
  /** All others. */
  ofWebhooks(): number;
  close(): Promise<void>;
}

/** Opens one. */
export async function openRedisLog(bridge: RestAccess): Promise<RedisLog> {
  const drains = new Set(await Promise.all([dueScript, leaseScript, factScript, settleScript].map((script) => shaOf(script))));
  let [ofDrain, ofWebhooks] = [0, 0];
  const { url, close } = await openFront({
    target: () => bridge.url,
    answer({ body }, pass) {
      const commands = body.startsWith("[[") ? JSON.parse(body) : [JSON.parse(body)];
      if (commands.every(([, sha]: string[]) => drains.has(sha ?? ""))) ofDrain += 1;
      else ofWebhooks += 1;
      return pass();
    },
  });
  return { access: { url, token: bridge.token }, ofDrain: () => ofDrain, ofWebhooks: () => ofWebhooks, close };
}

/** By which hash a script is called, heard of a call that goes nowhere. */
async function shaOf(script: Script<unknown>): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const evalsha = async (sha: string) => {
    resolve(sha);
    throw new Error("goes nowhere");
  };
  script({ redis: { evalsha, eval: evalsha }, engine: "redis" }, [], []).catch(() => {});
  return promise;
}
