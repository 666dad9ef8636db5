-- Names dead letters of a kind, a source and an age, oldest first. Changes nothing. O(limit + SCANNED_MAX).
-- KEYS  9 letters; the others that are shared are not used
-- ARGV  1 virtual now or ''  2 caller's now  3 kind or ''  4 source or ''  5 last seen before or ''  6 where to go on or ''  7 limit
-- Reply { ids, where to go on or '' }
--- @include "lib/letter-index.lua"

-- Names that are looked at in one call: where kind and source are told, letters of other kinds lie between.
local SCANNED_MAX = 1000

local kind, source, before, limit = ARGV[3], ARGV[4], tonumber(ARGV[5]), tonumber(ARGV[7])
local prefix = source ~= '' and 'of:' .. source or kind ~= '' and 'kind:' .. kind or 'all'
local from = ARGV[6] == '' and oldest(prefix) or '(' .. ARGV[6]
local to = '(' .. prefix .. (before and ':' .. moment(before) or ';')

local ids, goOn = {}, ''
local function isOf(last, id)
  return source == '' or kind == '' or redis.call('ZSCORE', KEYS[9], table.concat({ 'kind', kind, last, id }, ':'))
end
for i, name in ipairs(redis.call('ZRANGEBYLEX', KEYS[9], from, to, 'LIMIT', 0, SCANNED_MAX)) do
  local last, id = string.match(string.sub(name, #prefix + 2), '^(%d+):([^:]*)')
  if isOf(last, id) then ids[#ids + 1] = id end
  if #ids == limit or i == SCANNED_MAX then
    goOn = name
    break
  end
end
return { ids, goOn }
