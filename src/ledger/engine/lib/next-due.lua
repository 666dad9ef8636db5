-- When something is due next.
--- @include "lib/turns.lua"

-- When the first namespace is served. One whose things have gone since is put right, a few at most.
local function nextServed(queue)
  local name, at
  for _ = 1, 16 do
    name, at = unpack(redis.call('ZRANGE', queue.served, 0, 0, 'WITHSCORES'))
    if not name then return NEVER end
    local namespace = string.gsub(name, '^!', '')
    local due = firstDue(queue, namespace)
    if due and (tonumber(at) >= due or name ~= namespace) then break end
    serveNext(queue, namespace)
  end
  return tonumber(at)
end

-- In how many ms the first window, intent or count is due, 0 if one is due already, '' if nothing ever is.
local function nextDue()
  local window = tonumber(redis.call('ZRANGE', KEYS[7], 0, 0, 'WITHSCORES')[2] or NEVER)
  local first = math.min(window, nextServed(INTENTS), nextServed(COUNTS))
  return first < NEVER and text(math.max(0, first - now)) or ''
end
