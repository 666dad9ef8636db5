-- How each alert of a delivery was answered: at|outcome|reason|rung|intent. Kept from first sight; rules go by the time in the entry,
-- the keys' own expiry only tidies up.
--- @include "lib/time.lua"
--- @uses deliveryTtl

local function seenEntry(id)
  local entry = redis.call('HGET', KEYS[10], id)
  if not entry then return nil end
  local at, outcome, reason, rung, intent = string.match(entry, '^(%d+)|([^|]*)|([^|]*)|([^|]*)|(.*)$')
  if now - tonumber(at) >= deliveryTtl then return nil end
  return { outcome = outcome, reason = reason, rung = rung, intent = intent }
end

local function see(id, outcome, reason, rung, intent)
  redis.call('HSET', KEYS[10], id, table.concat({ text(now), outcome, reason, rung, intent }, '|'))
  redis.call('ZADD', KEYS[11], text(now), id)
end

-- Forgets what is over, and the oldest above the cap, a few more than this call can add: the work stays within the call's own size.
local function forgetOld(added)
  local most = 2 * added + 16
  local old = redis.call('ZRANGEBYSCORE', KEYS[11], '-inf', text(now - deliveryTtl), 'LIMIT', 0, most)
  local over = math.min(most, redis.call('ZCARD', KEYS[11]) - #old - SEEN_MAX)
  if over > 0 then
    for _, id in ipairs(redis.call('ZRANGE', KEYS[11], #old, #old + over - 1)) do old[#old + 1] = id end
  end
  for _, id in ipairs(old) do
    redis.call('HDEL', KEYS[10], id)
    redis.call('ZREM', KEYS[11], id)
  end
  redis.call('PEXPIRE', KEYS[10], text(2 * deliveryTtl))
  redis.call('PEXPIRE', KEYS[11], text(2 * deliveryTtl))
end
