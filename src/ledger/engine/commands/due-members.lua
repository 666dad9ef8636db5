-- Names the first members of windows whose members have to be dealt with, up to a number in all. Changes nothing. O(limit + windows).
-- KEYS  record and members of the group of each window
-- ARGV  1 limit, then the windows' ids
-- Reply per window its members' entries
local room, named = tonumber(ARGV[1]), {}
for i = 1, #KEYS / 2 do
  local id = ARGV[1 + i]
  local state = redis.call('HGET', KEYS[2 * i - 1], id .. ':state')
  local entries = {}
  if room > 0 and (state == 'waiting' or state == 'ended') then
    entries = redis.call('ZRANGEBYLEX', KEYS[2 * i], '[' .. id .. ':', '(' .. id .. ';', 'LIMIT', 0, room)
  end
  room = room - #entries
  named[i] = entries
end
return named
