import { DEAD_LETTER_LIFE_MS, DEAD_LETTERS_MAX } from "../../../domain/ledger-limits.ts";

/** Defines `keepLetter` over KEYS 11 letters, 12 lettersOf this source. */
export const deadLetters = `
-- Keeps a bad alert where people find it, the same one once with a count; nil where its source has no room for another.
local function keepLetter(key, alert, source)
  local old = text(now - ${DEAD_LETTER_LIFE_MS})
  redis.call('ZREMRANGEBYSCORE', KEYS[11], '-inf', old)
  redis.call('ZREMRANGEBYSCORE', KEYS[12], '-inf', old)
  local known = redis.call('ZSCORE', KEYS[12], alert.fingerprint)
  if not known and redis.call('ZCARD', KEYS[12]) >= ${DEAD_LETTERS_MAX} then return nil end
  if not known then redis.call('DEL', key) end
  local count = redis.call('HINCRBY', key, 'count', 1)
  redis.call('HSETNX', key, 'first', text(now))
  redis.call('HSET', key, 'source', source, 'reason', alert.reason, 'last', text(now), 'payload', alert.body)
  redis.call('PEXPIRE', key, ${2 * DEAD_LETTER_LIFE_MS})
  redis.call('ZADD', KEYS[11], text(now), alert.fingerprint)
  redis.call('ZADD', KEYS[12], text(now), alert.fingerprint)
  bump('quarantined', 1)
  return text(count)
end`;
