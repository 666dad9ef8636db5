-- Names the objects of a group's storms. Changes nothing. O(windows of the group).
-- KEYS  1 the group's record
-- ARGV  none
-- Reply their uids
local known = {}
for _, field in ipairs(redis.call('HKEYS', KEYS[1])) do known[#known + 1] = string.match(field, '^uid:(.*)$') end
return known
