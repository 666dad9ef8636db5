-- The units that an alert is, by what was decided about it.
--- @include "lib/answers.lua"
--- @include "lib/storm-units.lua"
--- @include "lib/shared-keys.lua"

local countDecision
do
  -- Of alerts that rules let wait.
  local BYPASSED = { ['window-opened'] = 0, ['window-joined'] = 0, ['threshold-reached'] = 0, ['storm-joined'] = 0, ['window-full'] = 1,
    ['buffer-full'] = 1 }
  local REPEATS = { ['request-live'] = true, ['within-fallback-time'] = true }

  local isWatched
  local function isFollowed(record)
    if record.session == '' then return false end
    if isWatched ~= nil then return isWatched end
    local sessions = redis.call('HGETALL', KEYS[SHARED_KEY_COUNT + 3])
    isWatched = false
    for i = 2, #sessions, 2 do isWatched = isWatched or now - tonumber(sessions[i]) < SESSION_ALIVE_MS end
    return isWatched
  end

  local function countRepeat(alert, record, rung)
    if record.at ~= '' then storms.listing(record) end
    if now - record.intentAt > REPEAT_LATE_MS then units.count('api-load', record, 1, 0) end
    if rung == 'relay' or isFollowed(record) then units.count('state-known', record, 1, rung == 'kubernetes' and 1 or 0) end
    -- One that nobody could be asked about was answered by its time, and not by a state.
    if rung ~= 'kubernetes' and not alert.unreachable then noteAnswer(record) end
  end

  -- record: that of the request which stands for it.
  function countDecision(alert, record, reason, rung)
    if alert.unreachable then units.exclude() end
    if BYPASSED[reason] then units.count('bypassing', record, 1, BYPASSED[reason]) end
    if not REPEATS[reason] then return end
    -- Without states a request stands for alerts after its end as well.
    if record.state == 'live' then countRepeat(alert, record, rung) else units.count('accuracy', record, 1, 1) end
  end
end
