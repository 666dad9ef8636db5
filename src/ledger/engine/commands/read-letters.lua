-- Reads dead letters. Changes nothing. O(letters).
-- KEYS  per letter that of an invalid alert and that of an episode
-- ARGV  1 virtual now or ''  2 caller's now
-- Reply per letter { kind, source, reason, count, first, last, signal type of an invalid alert, its payload or the draft,
--       tried again 1 | 0 }, empty where it is gone
--- @include "lib/time.lua"
local function isKept(last) return last and now - tonumber(last) < DEAD_LETTER_LIFE_MS end
local LETTER_FIELDS = { 'source', 'reason', 'count', 'first', 'last', 'signalType', 'payload' }
local EPISODE_FIELDS = { 'source', 'trouble', 'count', 'first', 'letterAt', 'state', 'draft', 'letter', 'others' }
local letters = {}
for i = 1, #KEYS, 2 do
  local held, letter = redis.call('HMGET', KEYS[i], unpack(LETTER_FIELDS)), {}
  if isKept(held[5]) then letter = { 'invalid', held[1], held[2], held[3], held[4], held[5], held[6] or '', held[7], '0' }
  else
    held = redis.call('HMGET', KEYS[i + 1], unpack(EPISODE_FIELDS))
    if (held[8] or '') ~= '' and isKept(held[5]) then
      local count = tonumber(held[3]) + (tonumber(held[9] or '') or 0)
      letter = { held[8], held[1], held[2], text(count), held[4], held[5], '', held[7], held[6] == 'pending' and '1' or '0' }
    end
  end
  letters[#letters + 1] = letter
end
return letters
