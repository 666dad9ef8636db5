-- The dead letters of invalid alerts lie in one hash, so that one that makes room needs no key of its own: <id> ->
-- count|first|last|reason|signal type|source, and <id>:payload -> the alert that came last.
--- @include "lib/letter-index.lua"

-- nil: there is none. It may be over.
local function invalidLetter(id)
  local count, first, last, reason, signalType, source =
    string.match(redis.call('HGET', KEYS[14], id) or '', '^(%d+)|(%d+)|(%d+)|([^|]*)|([^|]*)|(.*)$')
  return count and { id = id, kind = 'invalid', source = source, count = tonumber(count), first = tonumber(first), last = tonumber(last),
    reason = reason, signalType = signalType }
end
