import * as v from "valibot";
import { DEAD_LETTER_LIFE_MS } from "../../../domain/ledger-limits.ts";
import { defineScript } from "../script.ts";
import { letterIndex } from "./dead-letters.ts";
import { SHARED_KEYS } from "./episode-rules.ts";
import { time } from "./time.ts";

const Text = v.string();

export const listLettersScript = defineScript({
  lua: `
-- Names dead letters, latest first. Changes nothing. O(offset + limit).
-- KEYS  9 letters; those before it are not used
-- ARGV  1 virtual now or ''  2 caller's now  3 kind or ''  4 offset  5 limit
-- Reply { total, ids }
${time}
${letterIndex}
local prefix = ARGV[3] == '' and 'all' or 'kind:' .. ARGV[3]
local from, to, ids = oldest(prefix), '(' .. prefix .. ';', {}
for i, name in ipairs(redis.call('ZREVRANGEBYLEX', KEYS[9], to, from, 'LIMIT', tonumber(ARGV[4]), tonumber(ARGV[5]))) do
  ids[i] = string.match(string.sub(name, #prefix + 2), '^%d+:([^:]*)')
end
return { text(redis.call('ZLEXCOUNT', KEYS[9], from, to)), ids }`,
  reply: v.strictTuple([v.string(), v.array(v.string())]),
});

const LETTER_FIELDS = ["source", "reason", "count", "first", "last", "signalType", "payload"];
const EPISODE_FIELDS = ["source", "trouble", "count", "first", "letterAt", "state", "draft", "letter", "others"];
const quoted = (fields: readonly string[]): string => fields.map((field) => `'${field}'`).join(", ");

export const readLettersScript = defineScript({
  lua: `
-- Reads dead letters. Changes nothing. O(letters).
-- KEYS  per letter that of an invalid alert and that of an episode
-- ARGV  1 virtual now or ''  2 caller's now
-- Reply per letter { kind, source, reason, count, first, last, signal type of an invalid alert, its payload or the draft, tried again 1 | 0 },
--       empty where it is gone
${time}
local function isKept(last) return last and now - tonumber(last) < ${DEAD_LETTER_LIFE_MS} end
local letters = {}
for i = 1, #KEYS, 2 do
  local held, letter = redis.call('HMGET', KEYS[i], ${quoted(LETTER_FIELDS)}), {}
  if isKept(held[5]) then letter = { 'invalid', held[1], held[2], held[3], held[4], held[5], held[6] or '', held[7], '0' }
  else
    held = redis.call('HMGET', KEYS[i + 1], ${quoted(EPISODE_FIELDS)})
    if (held[8] or '') ~= '' and isKept(held[5]) then
      local count = tonumber(held[3]) + (tonumber(held[9] or '') or 0)
      letter = { held[8], held[1], held[2], text(count), held[4], held[5], '', held[7], held[6] == 'pending' and '1' or '0' }
    end
  end
  letters[#letters + 1] = letter
end
return letters`,
  reply: v.array(v.array(v.string())),
});

export const surveyScript = defineScript({
  lua: `
-- Reads what waits, and every counter; forgets dead letters that are over. O(counters + namespaces with waiting alerts + log of what waits).
-- KEYS  ${SHARED_KEYS}
-- ARGV  1 virtual now or ''  2 caller's now  then the kinds of letters
-- Reply { open intents, ms since the oldest was opened or '', counters and their values in turn, alerts that wait in windows and most of a
--       namespace, ms since the oldest dead letter's first alert or '', dead letters of each kind }
${time}
${letterIndex}
forgetLetters()
local oldestIntent = redis.call('ZRANGE', KEYS[6], 0, 0, 'WITHSCORES')
local oldestLetter = redis.call('ZRANGEBYLEX', KEYS[9], '[since:', '(since;', 'LIMIT', 0, 1)
local function age(since) return since and text(math.max(0, now - tonumber(since))) or '' end
local held, total, most = redis.call('HGETALL', KEYS[8]), 0, 0
for i = 1, #held, 2 do
  local count = tonumber(held[i + 1])
  if held[i] == 'total' then total = count else most = math.max(most, count) end
end
local reply = { text(redis.call('ZCARD', KEYS[1])), age(oldestIntent[2]), redis.call('HGETALL', KEYS[5]), text(total), text(most),
  age(oldestLetter[1] and string.match(oldestLetter[1], '^since:(%d+)')) }
for i = 3, #ARGV do
  local prefix = 'kind:' .. ARGV[i]
  reply[#reply + 1] = text(redis.call('ZLEXCOUNT', KEYS[9], oldest(prefix), '(' .. prefix .. ';'))
end
return reply`,
  reply: v.strictTuple([Text, Text, v.array(Text), Text, Text, Text, Text, Text, Text]),
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
