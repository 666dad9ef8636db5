-- When a queue has something due next.
--- @include "lib/time.lua"
--- @include "lib/never.lua"

-- In how many ms the first entry of these sorted sets is due, 0 if it is due already, '' if nothing ever is.
local function nextDueIn(keys)
  local nextDue
  for _, key in ipairs(keys) do
    local first = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')
    if first[2] and tonumber(first[2]) < NEVER then nextDue = math.min(nextDue or NEVER, tonumber(first[2])) end
  end
  return nextDue and text(math.max(0, nextDue - now)) or ''
end
