-- The version before kept each letter of an invalid alert in a hash of its own, under the alert's id; it expires by itself.

-- nil: there is none. It may be over.
local function formerLetter(id, key)
  local held = redis.call('HMGET', key, 'source', 'reason', 'count', 'first', 'last', 'signalType', 'payload')
  return held[5] and { id = id, kind = 'invalid', source = held[1], reason = held[2], count = tonumber(held[3]), first = tonumber(held[4]),
    last = tonumber(held[5]), signalType = held[6] or '', payload = held[7] }
end
