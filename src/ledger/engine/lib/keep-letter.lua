-- Keeps an invalid alert where people find it: a letter for each cause, with how many there were, and the last of them as a sample. Letters
-- are indexed when the call is over, each once.
--- @include "lib/forget-letters.lua"
--- @include "lib/invalid-letters.lua"
--- @include "lib/counters.lua"
--- @include "lib/capped.lua"
--- @uses source

local keepLetter, indexKept
do
  -- By their ids, and in the order in which they came.
  local kept = {}

  local function count(prefix) return redis.call('ZLEXCOUNT', KEYS[9], '[' .. prefix .. ':', '(' .. prefix .. ';') end

  -- What is over goes first, then the oldest of the namespace that has most letters here. Those without a place are taken for one namespace
  -- more. A name may be left over from a letter that the version before forgot.
  local function makeRoom()
    forgetLetters()
    local all, ranks = 'invalid:' .. source, 'most:' .. source
    while count(all) >= DEAD_LETTERS_MAX do
      local most = redis.call('ZREVRANGEBYLEX', KEYS[9], '(' .. ranks .. ';', '[' .. ranks .. ':', 'LIMIT', 0, 1)[1] or ''
      local held, home = string.match(most, ':(%d+):%d+:(in:.*)$')
      if not held or tonumber(held) < count(all) - count('in:' .. all) then home = all end
      local name = redis.call('ZRANGEBYLEX', KEYS[9], '[' .. home .. ':', '(' .. home .. ';', 'LIMIT', 0, 1)[1]
      local last, id = string.match(name, ':(%d+):([^:]*)$')
      local letter = invalidLetter(id)
      if letter and letter.last == tonumber(last) then
        removeLetter(letter, 'dropped')
        if isKept(letter.last) then bump('letters_dropped:' .. source, 1) end
      else unindexLetter({ id = id, kind = 'invalid', source = source, first = 0, last = last }, true) end
    end
  end

  -- Returns how many there were of its cause.
  function keepLetter(alert)
    local id, letter = alert.fingerprint, invalidLetter(alert.fingerprint)
    local stood, isNew = kept[id] or letter and unindexLetter(letter, false), not letter or not isKept(letter.last)
    if isNew then letter = { id = id, kind = 'invalid', first = now, count = 0 } end
    letter.source, letter.namespace, letter.count, letter.last = source, alert.namespace, capped(letter.count + 1), now
    local times = text(letter.count)
    local told = table.concat({ times, text(letter.first), text(now), alert.reason, alert.signalType, source }, '|')
    redis.call('HSET', KEYS[14], id, told, id .. ':payload', alert.body)
    redis.call('PEXPIRE', KEYS[14], 2 * DEAD_LETTER_LIFE_MS)
    if not kept[id] then kept[id], kept[#kept + 1], letter.isNew = letter, letter, isNew end
    if not stood then bump('owed', 1) end
    bump('quarantined', 1)
    return times
  end

  -- Those seen again first: they are not the oldest any more.
  function indexKept()
    for _, isNew in ipairs({ false, true }) do
      for _, letter in ipairs(kept) do
        if letter.isNew == isNew then
          if isNew then
            unindexLetter(letter, true)
            makeRoom()
          end
          indexLetter(letter)
        end
      end
    end
  end
end
