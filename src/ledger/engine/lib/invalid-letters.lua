-- Keeps a bad alert where people find it, the same one once with a count; nil where its source has no room for another.
--- @include "lib/letter-index.lua"
--- @include "lib/counters.lua"
--- @include "lib/capped.lua"
--- @uses source

local function keepLetter(key, alert)
  local known = redis.call('HMGET', key, 'source', 'first', 'last', 'count')
  local first, last = tonumber(known[2] or ''), tonumber(known[3] or '')
  local count = capped((tonumber(known[4] or '') or 0) + 1)
  if not isKept(last) and isFull(source) then return nil end
  if last then unindexLetter({ id = alert.fingerprint, kind = 'invalid', source = known[1], first = first, last = last }) end
  if not isKept(last) then
    redis.call('DEL', key)
    first, count = now, 1
  end
  redis.call('HSET', key, 'source', source, 'reason', alert.reason, 'count', text(count), 'first', text(first), 'last', text(now),
    'payload', alert.body, 'signalType', alert.signalType)
  redis.call('PEXPIRE', key, 2 * DEAD_LETTER_LIFE_MS)
  indexLetter({ id = alert.fingerprint, kind = 'invalid', source = source, first = first, last = now })
  bump('quarantined', 1)
  return text(count)
end
