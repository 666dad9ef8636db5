-- Which namespaces have a feature: a share of them, in percent. All decide by the lowest of what the settings say, as callers have told of
-- late, and of the override. Per feature the hash holds <name> -> share|when of the override, without a share where it was taken back;
-- <name>:told -> share=when,.. of settings; <name>:lost -> share|when|when that was noticed, of an override that this store has lost.
--- @include "lib/time.lua"

local FEATURES = { 'state-based-dedup', 'storm-buffering' }

-- Alerts and records name the features that they are without.
local function lacks(thing, feature) return string.find(thing.without, feature, 1, true) ~= nil end

local sharesOf
do
  -- The lowest of those that count. The caller's is noted once in a while.
  local function lowestSetting(feature, setting, told)
    local lowest, counting, isNoted = setting, { text(setting) .. '=' .. text(now) }, false
    for share, at in string.gmatch(told, '(%d+)=(%d+)') do
      local age = now - tonumber(at)
      if tonumber(share) == setting then isNoted = age < SETTING_TOLD_EVERY_MS
      elseif age < SETTING_COUNTS_MS then
        lowest = math.min(lowest, tonumber(share))
        counting[#counting + 1] = share .. '=' .. at
      end
    end
    if not isNoted then redis.call('HSET', KEYS[15], feature .. ':told', table.concat(counting, ',')) end
    return lowest
  end

  -- By which all decide, of each feature, and the lowest settings; settings: the caller's. All in the order of FEATURES.
  function sharesOf(settings)
    local names, shares, lowest = {}, {}, {}
    for i, feature in ipairs(FEATURES) do names[2 * i - 1], names[2 * i] = feature, feature .. ':told' end
    local held = redis.call('HMGET', KEYS[15], unpack(names))
    for i, feature in ipairs(FEATURES) do
      lowest[i] = lowestSetting(feature, tonumber(settings[i]), held[2 * i] or '')
      shares[i] = math.min(lowest[i], tonumber(string.match(held[2 * i - 1] or '', '^%d+') or lowest[i]))
    end
    return shares, lowest
  end
end
