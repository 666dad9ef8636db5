-- How the features stand, for a caller that remembers which overrides it saw last: if there were later ones, this store has lost them.
--- @include "lib/flags.lua"

-- settings, remembered: the caller's, in the order of FEATURES. Of each feature: the share by which all decide, the lowest setting, the
-- override and what was lost of it.
local function sightsOf(settings, remembered)
  local shares, lowest = sharesOf(settings)
  local sights = {}
  for i, feature in ipairs(FEATURES) do
    local override = redis.call('HGET', KEYS[15], feature) or ''
    local seenAt, changedAt = string.match(remembered[i], '^%d+|(%d+)$'), string.match(override, '|(%d+)$')
    if seenAt and tonumber(seenAt) > tonumber(changedAt or 0) then
      redis.call('HSET', KEYS[15], feature .. ':lost', remembered[i] .. '|' .. text(now))
    end
    sights[i] = { text(shares[i]), text(lowest[i]), override, redis.call('HGET', KEYS[15], feature .. ':lost') or '' }
  end
  return sights
end
