-- What becomes of overrides. The last changes stay, the oldest go.
--- @include "lib/time.lua"

-- share: '' takes the override back.
local function changeFlag(operation, feature, share, who, why)
  local number = redis.call('HINCRBY', KEYS[15], 'changes', 1)
  local entry = table.concat({ text(now), feature, share, who, operation, why }, '|')
  redis.call('HSET', KEYS[15], feature, share .. '|' .. text(now), 'change:' .. text(number % FLAG_CHANGES_MAX), entry)
  redis.call('HDEL', KEYS[15], feature .. ':lost')
end

local function isChanged(operation)
  for i = 0, FLAG_CHANGES_MAX - 1 do
    local entry = redis.call('HGET', KEYS[15], 'change:' .. i)
    if entry and string.match(entry, '^[^|]*|[^|]*|[^|]*|[^|]*|([^|]*)') == operation then return true end
  end
  return false
end
