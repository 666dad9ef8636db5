-- How each alert of a delivery was answered: at|outcome|reason|rung|intent. It counts from first sight for the delivery time. Of a
-- delivery that was not decided in one go it counts on while that is unfinished, and for the delivery time after, up to
-- UNFINISHED_LIFE_MS. The delivery's progress tells since when it has been unfinished, at|open|||, and when that was over,
-- at|finished|when||: what is older than that is of a sending before. Rules go by the times in the entries, the keys' own expiry only
-- tidies up.
--- @include "lib/time.lua"
--- @uses deliveryTtl, seenKey, deliveryProgress, keyed

local unfinishedTtl = math.max(deliveryTtl, UNFINISHED_LIFE_MS)
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
end

-- A sender's own key for a delivery is bound to the body that first came with it, for as long as an answer to that is remembered.
local function isOtherBody()
  keyed.bound = keyed.entry ~= '' and seenEntry(keyed.entry)
  return keyed.bound and keyed.bound.outcome ~= keyed.body
end
