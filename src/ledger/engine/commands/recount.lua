-- Counts anew how many alerts wait, from the windows themselves: a count that went wrong would keep others out for good. It leaves the
-- counts as they are where others than the named windows stand by now. O(windows).
-- KEYS  1 windows  2 buffered  3 intentsOf, then the record of each window's group
-- ARGV  1 virtual now or ''  2 caller's now, then the windows' subjects
-- Reply 1 counted | 0
--- @include "lib/time.lua"

local function isAll()
  if redis.call('ZCARD', KEYS[1]) ~= #ARGV - 2 then return false end
  for i = 3, #ARGV do
    if not redis.call('ZSCORE', KEYS[1], ARGV[i]) then return false end
  end
  return true
end

redis.pcall('HSET', KEYS[3], ':recounted', text(now))
if not isAll() then return '0' end
local counts = {}
local function add(field, by) counts[field] = (counts[field] or 0) + by end
for i = 3, #ARGV do
  local at = string.sub(ARGV[i], 66) .. ':'
  local held = redis.call('HMGET', KEYS[i + 1], at .. 'state', at .. 'size', at .. 'origin', at .. 'source')
  local size = tonumber(held[2] or '') or 0
  if held[1] == 'waiting' and size > 0 then
    add('total', size)
    add('of:' .. (held[3] or ''), size)
    add('from:' .. (held[4] or ''), size)
  end
end
redis.call('DEL', KEYS[2])
for field, count in pairs(counts) do redis.call('HSET', KEYS[2], field, text(count)) end
return '1'
