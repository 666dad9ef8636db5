import { SEEN_MAX, UNFINISHED_LIFE_MS } from "../../../domain/ledger-limits.ts";

/** Defines `seenEntry` over `seenKey`. Needs `now`, `deliveryTtl`, `deliveryProgress`. */
export const remembered = `
-- How each alert of a delivery was answered: at|outcome|reason|rung|intent. Counts from first sight for the delivery time; of a delivery that
-- was not decided in one go it counts on while that is unfinished, and for the delivery time after; ${UNFINISHED_LIFE_MS / 60_000} min at most. Its progress tells since when it
-- has been unfinished, at|open|||, and when that was over, at|finished|when||: what is older than that is of a sending before. Rules go by the
-- times in the entries, the keys' own expiry only tidies up.
local unfinishedTtl = math.max(deliveryTtl, ${UNFINISHED_LIFE_MS})
local function storedEntry(id)
  local at, outcome, reason, rung, intent =
    string.match(redis.call('HGET', seenKey, id) or '', '^(%d+)|([^|]*)|([^|]*)|([^|]*)|(.*)$')
  return at and { at = tonumber(at), outcome = outcome, reason = reason, rung = rung, intent = intent }
end
local progress = storedEntry(deliveryProgress)
local function progressHolds() return progress and (progress.outcome == 'open' or now - tonumber(progress.reason) < deliveryTtl) end

local function seenEntry(id)
  local entry = storedEntry(id)
  if not entry then return nil end
  local age = now - entry.at
  if age < deliveryTtl or (age < unfinishedTtl and progressHolds() and entry.at >= progress.at) then return entry end
  return nil
end`;

/** Defines `see`, `finishCall`, `forgetOld` over `seenKey` and `seenAtKey`. Needs `remembered`. */
export const deliveries = `
local fresh = {}
local function see(id, outcome, reason, rung, intent)
  redis.call('HSET', seenKey, id, table.concat({ text(now), outcome, reason, rung, intent }, '|'))
  fresh[#fresh + 1] = id
end

-- Notes how far the delivery is; isLeft: something of it is still to be decided. What may count for longer stands in seenAt as if it were
-- younger by as much.
local function finishCall(isLeft)
  if isLeft and #fresh > 0 and not progressHolds() then progress = { at = now, outcome = 'open', reason = '' } end
  local isOpen = progress and progress.outcome == 'open'
  local score = text(isOpen and isLeft and now + unfinishedTtl - deliveryTtl or now)
  local added = {}
  for _, id in ipairs(fresh) do added[#added + 1], added[#added + 2] = score, id end
  if isOpen and (#fresh > 0 or not isLeft) then
    local ending = isLeft and 'open|' or 'finished|' .. text(now)
    redis.call('HSET', seenKey, deliveryProgress, table.concat({ text(progress.at), ending, '', '' }, '|'))
    added[#added + 1], added[#added + 2] = score, deliveryProgress
  end
  if #added > 0 then redis.call('ZADD', seenAtKey, unpack(added)) end
end

-- Forgets what is over, and the oldest above the cap, a few more than this call can add: the work stays within the call's own size.
local function forgetOld(added)
  local most = 2 * added + 16
  local old = redis.call('ZRANGEBYSCORE', seenAtKey, '-inf', text(now - deliveryTtl), 'LIMIT', 0, most)
  local over = math.min(most, redis.call('ZCARD', seenAtKey) - #old - ${SEEN_MAX})
  if over > 0 then
    for _, id in ipairs(redis.call('ZRANGE', seenAtKey, #old, #old + over - 1)) do old[#old + 1] = id end
  end
  for _, id in ipairs(old) do
    redis.call('HDEL', seenKey, id)
    redis.call('ZREM', seenAtKey, id)
  end
  redis.call('PEXPIRE', seenKey, text(2 * unfinishedTtl))
  redis.call('PEXPIRE', seenAtKey, text(2 * unfinishedTtl))
end`;
