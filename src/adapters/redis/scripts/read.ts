import * as v from "valibot";
import { DEAD_LETTER_LIFE_MS } from "../../../domain/ledger-limits.ts";
import { defineScript } from "../script.ts";
import { time } from "./time.ts";

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
-- Reads what waits, and every counter. Changes nothing. O(counters + namespaces with waiting alerts + log of what waits).
-- KEYS  1 intents  2 intentsSince  3 letters  4 counters  5 buffered
-- ARGV  1 virtual now or ''  2 caller's now
-- Reply { open intents, ms since the oldest was written or '', dead letters, counters and their values in turn, alerts that wait in windows
--       and most of a namespace }
${time}
local oldest = redis.call('ZRANGE', KEYS[2], 0, 0, 'WITHSCORES')
local held, total, most = redis.call('HGETALL', KEYS[5]), 0, 0
for i = 1, #held, 2 do
  local count = tonumber(held[i + 1])
  if held[i] == 'total' then total = count else most = math.max(most, count) end
end
return { text(redis.call('ZCARD', KEYS[1])), oldest[2] and text(math.max(0, now - tonumber(oldest[2]))) or '',
  text(redis.call('ZCOUNT', KEYS[3], '(' .. text(now - ${DEAD_LETTER_LIFE_MS}), '+inf')), redis.call('HGETALL', KEYS[4]), text(total), text(most) }`,
  reply: v.strictTuple([v.string(), v.string(), v.string(), v.array(v.string()), v.string(), v.string()]),
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
