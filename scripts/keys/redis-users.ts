/** All that Breakwater sends to Redis; docs/operate.md explains what may be left out. */
export const RIGHTS = [
  "~bw1:* +eval +evalsha +script|kill +info +select +wait",
  "+del +hdel +hexists +hget +hgetall +hincrby +hkeys +hmget +hset +persist +pexpire +time",
  "+zadd +zcard +zlexcount +zrange +zrangebylex +zrangebyscore +zrem +zrevrangebylex +zscore",
].join(" ");

/** Redis' file of users: Breakwater's own, known by the SHA-256 of its password, and nobody else. */
export const redisUsers = (passwordSha256: string): string => `user default off\nuser breakwater reset on #${passwordSha256} ${RIGHTS}\n`;
