-- Letters that are over, or make room, leave nothing behind.
--- @include "lib/letter-index.lua"
--- @include "lib/counters.lua"

local function removeLetter(letter, outcome)
  if unindexLetter(letter, true) then bump('settled:' .. outcome, 1) end
  if letter.kind == 'invalid' then redis.call('HDEL', KEYS[14], letter.id, letter.id .. ':payload') end
end

-- Forgets what is over, a hundred at most.
local function forgetLetters()
  for _, name in ipairs(redis.call('ZRANGEBYLEX', KEYS[9], '[all:', oldest('all'), 'LIMIT', 0, 100)) do
    local last, id, kind, source, first = string.match(name, '^all:(%d+):([^:]*):([^:]*):([^:]*):(%d+)$')
    removeLetter({ id = id, kind = kind, source = source, first = tonumber(first), last = tonumber(last) }, 'expired')
  end
end
