-- Reads dead letters. Changes nothing. O(letters).
-- KEYS  14 invalidLetters; the others that are shared are not used, then per letter its former hash and its episode
-- ARGV  1 virtual now or ''  2 caller's now, then their ids
-- Reply per letter { kind, source, reason, count, first, last, signal type of an invalid alert, its payload or the draft,
--       tried again 1 | 0 }, empty where it is gone
--- @include "lib/shared-keys.lua"
--- @include "lib/invalid-letters.lua"
--- @include "lib/former-letters.lua"
local EPISODE_FIELDS = { 'source', 'trouble', 'count', 'first', 'letterAt', 'state', 'draft', 'letter', 'others' }

local function readInvalid(id, formerKey)
  local letter = invalidLetter(id)
  if letter then letter.payload = redis.call('HGET', KEYS[14], id .. ':payload') else letter = formerLetter(id, formerKey) end
  if not letter or not isKept(letter.last) then return nil end
  return { 'invalid', letter.source, letter.reason, text(letter.count), text(letter.first), text(letter.last), letter.signalType,
    letter.payload, '0' }
end

local function readDead(key)
  local held = redis.call('HMGET', key, unpack(EPISODE_FIELDS))
  if (held[8] or '') == '' or not isKept(tonumber(held[5])) then return {} end
  local count = tonumber(held[3]) + (tonumber(held[9] or '') or 0)
  return { held[8], held[1], held[2], text(count), held[4], held[5], '', held[7], held[6] == 'pending' and '1' or '0' }
end

local letters = {}
for i = 3, #ARGV do
  local at = SHARED_KEY_COUNT + 2 * (i - 2)
  letters[#letters + 1] = readInvalid(ARGV[i], KEYS[at - 1]) or readDead(KEYS[at])
end
return letters
