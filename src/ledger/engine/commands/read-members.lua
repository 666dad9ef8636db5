-- Names members of a window, in the order of joining. Changes nothing. O(limit).
-- KEYS  1 members of its group
-- ARGV  1 window's id  2 after this place  3 up to this place or ''  4 limit
-- Reply their entries
--- @include "lib/places.lua"

local last = ARGV[3] == '' and ';' or ':' .. place(tonumber(ARGV[3]) + 1) .. ':'
local first = ':' .. place(tonumber(ARGV[2]) + 1) .. ':'
return redis.call('ZRANGEBYLEX', KEYS[1], '[' .. ARGV[1] .. first, '(' .. ARGV[1] .. last, 'LIMIT', 0, tonumber(ARGV[4]))
