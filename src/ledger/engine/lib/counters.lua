-- Counters change with the decision itself, so they are exact whoever decides.
local function bump(name, by) redis.call('HINCRBY', KEYS[5], name, by) end
