-- Keeps an invalid alert where people find it: a letter for each cause, with how many there were, and the last of them as a sample.
--- @include "lib/forget-letters.lua"
--- @include "lib/invalid-letters.lua"
--- @include "lib/counters.lua"
--- @include "lib/capped.lua"
--- @uses source

-- At the cap of the source, its oldest letter of an invalid alert goes, be it over or not. A name may be left over from a letter that the
-- version before forgot, which knows no such names.
local function makeRoom()
  local from, to = '[invalid:' .. source .. ':', '(invalid:' .. source .. ';'
  if redis.call('ZLEXCOUNT', KEYS[9], from, to) < DEAD_LETTERS_MAX then return end
  local name = redis.call('ZRANGEBYLEX', KEYS[9], from, to, 'LIMIT', 0, 1)[1]
  local last, id = string.match(name, '^invalid:[^:]*:(%d+):(.*)$')
  local letter = invalidLetter(id)
  if letter and letter.last == tonumber(last) then removeLetter(letter, 'dropped') else redis.call('ZREM', KEYS[9], name) end
  if isKept(tonumber(last)) then bump('letters_dropped:' .. source, 1) end
end

-- Returns how many there were of its cause.
local function keepLetter(alert)
  local letter = invalidLetter(alert.fingerprint)
  local stood = letter and unindexLetter(letter)
  if not letter or not isKept(letter.last) then
    makeRoom()
    letter = { id = alert.fingerprint, kind = 'invalid', first = now, count = 0 }
  end
  letter.source, letter.count, letter.last = source, capped(letter.count + 1), now
  local count = text(letter.count)
  local told = table.concat({ count, text(letter.first), text(now), alert.reason, alert.signalType, source }, '|')
  redis.call('HSET', KEYS[14], letter.id, told, letter.id .. ':payload', alert.body)
  redis.call('PEXPIRE', KEYS[14], 2 * DEAD_LETTER_LIFE_MS)
  indexLetter(letter)
  if not stood then bump('owed', 1) end
  bump('quarantined', 1)
  return count
end
