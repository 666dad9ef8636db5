-- Counters change with the decision itself, so they are exact whoever decides. One that Redis does not add to, such as a number near
-- 2^63 or another type, stays as it is: nothing fails for it.
local function bump(name, by) redis.pcall('HINCRBY', KEYS[5], name, by) end
