-- How many alerts a source may send: a bucket that fills by so many a minute. A delivery is charged once, and whole, so it may leave the
-- bucket below nothing; until that is filled, no other is taken.
--- @include "lib/deliveries.lua"
--- @include "lib/shared-keys.lua"
--- @uses source, deliveryProgress

-- In how many ms the source may come again; 0: this delivery is taken.
local function waitForRate()
  local alerts, perMinute, most, id = tonumber(ARGV[28]), tonumber(ARGV[29]), tonumber(ARGV[30]), deliveryProgress .. ':rate'
  if not alerts or seenEntry(id) then return 0 end
  local held, at = string.match(redis.call('HGET', KEYS[SHARED_KEY_COUNT + 4], source) or '', '^(-?[%d.]+)|(%d+)$')
  local filled = math.max(0, now - (tonumber(at) or now)) * perMinute / 60000
  local left = math.min(most, (tonumber(held) or most) + filled)
  if left <= 0 then return math.ceil((1 - left) * 60000 / perMinute) end
  see(id, '', '', '', '')
  redis.call('HSET', KEYS[SHARED_KEY_COUNT + 4], source, string.format('%.3f|%.0f', left - alerts, now))
  return 0
end
