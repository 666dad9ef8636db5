/**
 * What must not run on a connection that several callers share: commands that block it, that change its state or end it, and those that only an
 * administrator of the Redis should give. Upstash's REST protocol leaves out much the same.
 */
const REFUSED = new Set(
  `SUBSCRIBE PSUBSCRIBE SSUBSCRIBE UNSUBSCRIBE PUNSUBSCRIBE SUNSUBSCRIBE MONITOR SYNC PSYNC
  BLPOP BRPOP BRPOPLPUSH BLMOVE BLMPOP BZPOPMIN BZPOPMAX BZMPOP WAIT WAITAOF
  MULTI EXEC DISCARD WATCH UNWATCH SELECT AUTH HELLO RESET QUIT CLIENT ASKING READONLY READWRITE
  SHUTDOWN CONFIG DEBUG ACL MODULE REPLICAOF SLAVEOF REPLCONF FAILOVER CLUSTER SWAPDB MIGRATE SAVE BGSAVE BGREWRITEAOF`.split(/\s+/),
);

/** Whether it blocks its connection until replicas have what was written, and so takes one of its own. */
export const waitsForReplicas = ([name]: readonly string[]): boolean => (name as string).toUpperCase() === "WAIT";

/** The refused command's name, or null where the command may run. */
export function refusedName([name, ...args]: readonly string[]): string | null {
  const upper = (name as string).toUpperCase();
  if (REFUSED.has(upper)) return upper;
  const blocks = (upper === "XREAD" || upper === "XREADGROUP") && args.some((arg) => arg.toUpperCase() === "BLOCK");
  return blocks ? `${upper} BLOCK` : null;
}
