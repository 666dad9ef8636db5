-- What admit would decide about each alert, were it alone and new, and everything known of its request still true. Changes nothing: the
-- rules are admit's own, and what they write is left out. O(alerts).
-- KEYS  1 intents  2 intentsOf  3 counts  4 sealed  5 counters  6 intentsSince  7 windows  8 buffered  9 letters
--       10 seen  11 seenAt  12 sessions,
--       then record and members of each group, then per alert its episode
-- ARGV  1 virtual now or ''  2 caller's now  3 state-based 1|0  4 fallback ttl  5 delivery ttl  6 its most members
--       7 most buffered of a namespace  8 in all  9 intents max  10 groups  11 alerts, then the groups' ids, then 21 fields per alert
-- Reply per alert { outcome, reason, rung, occurrences, '', namespace, name, uid, '' }

local READS = { HGET = true, HMGET = true, HEXISTS = true, ZSCORE = true, ZCARD = true, ZRANGEBYLEX = true, ZLEXCOUNT = true, TIME = true }
local given = redis
-- A write changes one thing, as far as the rules ask.
local function reading(perform)
  return function(name, ...)
    if READS[name] then return perform(name, ...) end
    return 1
  end
end
local redis = { call = reading(given.call), pcall = reading(given.pcall) }

--- @include "lib/shared-keys.lua"

local operation, source, told, deliveryProgress = '', '', {}, ''
local stateBased, fallbackTtl, deliveryTtl = ARGV[3] == '1', tonumber(ARGV[4]), tonumber(ARGV[5])
local windowMaxMs, windowAlertsMax, bufferedOfMax, bufferedMax = 0, tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
local intentsMax, groupCount = tonumber(ARGV[9]), tonumber(ARGV[10])
-- Nobody is asked: what was once seen live counts as live.
local stateTtl, lease = math.huge, 0
local seenKey = KEYS[10]

--- @include "lib/alerts.lua"
--- @include "lib/judge.lua"

local OUTCOMES = { ['threshold-reached'] = 'aggregated', ['request-retried'] = 'quarantined' }

local function judged(alert)
  for subject in pairs(windows) do windows[subject] = nil end
  if alert.kind == 'firing' then return (judgeFiring(alert, '')) end
  return (judgeResolved(alert))
end

local function foreseen(alert)
  local verdict, most = judged(alert), intentsMax
  if verdict[1] == 'full' then
    -- It would have to come again, until there is room.
    intentsMax = math.huge
    verdict, intentsMax = judged(alert), most
  end
  if verdict[1] == 'ensure' then verdict[1], verdict[5], verdict[9] = OUTCOMES[verdict[2]] or 'accepted', '', '' end
  return verdict
end

declareGroups(groupCount, 12, SHARED_KEY_COUNT + 4)
local verdicts = {}
for i = 1, tonumber(ARGV[11]) do
  verdicts[i] = foreseen(alertAt(KEYS[SHARED_KEY_COUNT + 3 + 2 * groupCount + i], 12 + groupCount + (i - 1) * ALERT_FIELDS))
end
return verdicts
