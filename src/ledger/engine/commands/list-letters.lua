-- Names dead letters, latest first. Changes nothing. O(offset + limit).
-- KEYS  9 letters; the others that are shared are not used
-- ARGV  1 virtual now or ''  2 caller's now  3 kind or ''  4 offset  5 limit
-- Reply { total, ids }
--- @include "lib/letter-index.lua"
local prefix = ARGV[3] == '' and 'all' or 'kind:' .. ARGV[3]
local from, to, ids = oldest(prefix), '(' .. prefix .. ';', {}
for i, name in ipairs(redis.call('ZREVRANGEBYLEX', KEYS[9], to, from, 'LIMIT', tonumber(ARGV[4]), tonumber(ARGV[5]))) do
  ids[i] = string.match(string.sub(name, #prefix + 2), '^%d+:([^:]*)')
end
return { text(lettersIn(prefix)), ids }
