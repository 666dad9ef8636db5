import * as v from "valibot";
import { DEAD_LETTER_LIFE_MS } from "../../../domain/ledger-limits.ts";
import { defineScript } from "../script.ts";
import { time } from "./time.ts";

export const glimpseScript = defineScript({
  lua: `
-- What is held of some fingerprints. Changes nothing. O(fingerprints).
-- KEYS  one episode per fingerprint
-- Reply per fingerprint { none | pending | live | ended, occurrences, namespace, name }
local glimpses = {}
for i, key in ipairs(KEYS) do
  local held = redis.call('HMGET', key, 'state', 'count', 'others', 'ns', 'name')
  local count = (tonumber(held[2] or '') or 0) + (tonumber(held[3] or '') or 0)
  glimpses[i] = { held[1] or 'none', string.format('%.0f', count), held[4] or '', held[5] or '' }
end
return glimpses`,
  reply: v.array(v.strictTuple([v.picklist(["none", "pending", "live", "ended"]), v.string(), v.string(), v.string()])),
});

export const listLettersScript = defineScript({
  lua: `
-- Names dead letters, latest first. Changes nothing. O(offset + limit).
-- KEYS  1 letters
-- ARGV  1 virtual now or ''  2 caller's now  3 offset  4 limit
-- Reply { total, ids }
${time}
local oldest = '(' .. text(now - ${DEAD_LETTER_LIFE_MS})
return { text(redis.call('ZCOUNT', KEYS[1], oldest, '+inf')),
  redis.call('ZREVRANGEBYSCORE', KEYS[1], '+inf', oldest, 'LIMIT', tonumber(ARGV[3]), tonumber(ARGV[4])) }`,
  reply: v.strictTuple([v.string(), v.array(v.string())]),
});

const LETTER_FIELDS = ["source", "reason", "count", "first", "last", "payload"];

export const readLettersScript = defineScript({
  lua: `
-- Reads dead letters. Changes nothing. O(letters).
-- KEYS  one letter each
-- Reply per letter { source, reason, count, first, last, payload }, empty where it is gone
local letters = {}
for i, key in ipairs(KEYS) do
  local fields = redis.call('HMGET', key, ${LETTER_FIELDS.map((field) => `'${field}'`).join(", ")})
  letters[i] = fields[1] and fields or {}
end
return letters`,
  reply: v.array(v.array(v.string())),
});

export const surveyScript = defineScript({
  lua: `
-- Reads what waits, and every counter. Changes nothing. O(counters + log of what waits).
-- KEYS  1 intents  2 intentsSince  3 letters  4 counters
-- ARGV  1 virtual now or ''  2 caller's now
-- Reply { open intents, ms since the oldest was written or '', dead letters, counters and their values in turn }
${time}
local oldest = redis.call('ZRANGE', KEYS[2], 0, 0, 'WITHSCORES')
return { text(redis.call('ZCARD', KEYS[1])), oldest[2] and text(math.max(0, now - tonumber(oldest[2]))) or '',
  text(redis.call('ZCOUNT', KEYS[3], '(' .. text(now - ${DEAD_LETTER_LIFE_MS}), '+inf')), redis.call('HGETALL', KEYS[4]) }`,
  reply: v.strictTuple([v.string(), v.string(), v.string(), v.array(v.string())]),
});

export const countersScript = defineScript({
  lua: `
-- Reads counters. Changes nothing. O(counters).
-- KEYS  1 counters
-- ARGV  their names
-- Reply their values in that order, as text
local values = redis.call('HMGET', KEYS[1], unpack(ARGV))
for i = 1, #ARGV do values[i] = values[i] or '0' end
return values`,
  reply: v.array(v.string()),
});
