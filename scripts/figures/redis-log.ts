import {
  dueMembersScript,
  dueScript,
  dueWindowsScript,
  factScript,
  leaseScript,
  receiptScript,
  settleScript,
  sweepScript,
  windowStepsScript,
} from "../../src/adapters/redis/commands.ts";
import type { Script } from "../../src/adapters/redis/script.ts";
import { openFront } from "../../test/support/front.ts";
import type { RestAccess } from "../../test/support/installation.ts";
import { shaOf } from "../../test/support/script-sha.ts";

/** A front before a bridge that counts the HTTP requests of a gateway by what is in them. */
export interface RedisLog {
  readonly access: RestAccess;
  /** Since the start: those that hold nothing but scripts of the drain. */
  ofDrain(): number;
  /** All others, but for receipts, which only who measures asks for. */
  ofWebhooks(): number;
  /** Since the start, in all of these requests. */
  commands(): number;
  close(): Promise<void>;
}

/** Opens one. */
export async function openRedisLog(bridge: RestAccess): Promise<RedisLog> {
  const [drains, receipts] = await Promise.all([shasOf(DRAIN), shasOf([receiptScript, windowStepsScript])]);
  let [ofDrain, ofWebhooks, commands] = [0, 0, 0];
  const { url, close } = await openFront({
    target: () => bridge.url,
    answer({ body }, pass) {
      const sent: readonly string[][] = body.startsWith("[[") ? JSON.parse(body) : [JSON.parse(body)];
      const counted = sent.filter(([, sha = ""]) => !receipts.has(sha));
      commands += counted.length;
      if (counted.length > 0 && counted.every(([, sha = ""]) => drains.has(sha))) ofDrain += 1;
      else if (counted.length > 0) ofWebhooks += 1;
      return pass();
    },
  });
  const access = { url, token: bridge.token };
  return { access, ofDrain: () => ofDrain, ofWebhooks: () => ofWebhooks, commands: () => commands, close };
}

const DRAIN = [dueScript, leaseScript, factScript, settleScript, dueWindowsScript, dueMembersScript, sweepScript] as const;

const shasOf = async (scripts: readonly Script<unknown>[]) => new Set(await Promise.all(scripts.map(shaOf)));
