-- Notes what a call decides of a delivery, and forgets what is over.
--- @include "lib/remembered.lua"
--- @uses deliveryTtl, seenKey, seenAtKey, deliveryProgress, keyed

local noted = {}
local function see(id, outcome, reason, rung, intent)
  redis.call('HSET', seenKey, id, table.concat({ text(now), outcome, reason, rung, intent }, '|'))
  noted[#noted + 1] = id
end

-- Notes how far the delivery is; isLeft: something of it is still to be decided. What may count for longer stands in seenAt as if it were
-- younger by as much.
local function finishCall(isLeft)
  if isLeft and #noted > 0 and not progressHolds() then progress = { at = now, outcome = 'open', reason = '' } end
  local isOpen = progress and progress.outcome == 'open'
  local score = text(isOpen and isLeft and now + unfinishedTtl - deliveryTtl or now)
  local added = {}
  for _, id in ipairs(noted) do added[#added + 1], added[#added + 2] = score, id end
  if isOpen and (#noted > 0 or not isLeft) then
    local ending = isLeft and 'open|' or 'finished|' .. text(now)
    redis.call('HSET', seenKey, deliveryProgress, table.concat({ text(progress.at), ending, '', '' }, '|'))
    added[#added + 1], added[#added + 2] = score, deliveryProgress
  end
  if keyed.entry ~= '' and (#noted > 0 or not keyed.bound) then
    redis.call('HSET', seenKey, keyed.entry, table.concat({ text(now), keyed.body, '', '', '' }, '|'))
    added[#added + 1], added[#added + 2] = score, keyed.entry
  end
  if #added > 0 then redis.call('ZADD', seenAtKey, unpack(added)) end
end

-- Forgets what is over, and the oldest above the cap, a few more than this call can add: the work stays within the call's own size.
local function forgetOld(added)
  local most = 2 * added + 16
  local old = redis.call('ZRANGEBYSCORE', seenAtKey, '-inf', text(now - deliveryTtl), 'LIMIT', 0, most)
  local over = math.min(most, redis.call('ZCARD', seenAtKey) - #old - SEEN_MAX)
  if over > 0 then
    for _, id in ipairs(redis.call('ZRANGE', seenAtKey, #old, #old + over - 1)) do old[#old + 1] = id end
  end
  for _, id in ipairs(old) do
    redis.call('HDEL', seenKey, id)
    redis.call('ZREM', seenAtKey, id)
  end
  redis.call('PEXPIRE', seenKey, text(2 * unfinishedTtl))
  redis.call('PEXPIRE', seenAtKey, text(2 * unfinishedTtl))
end
