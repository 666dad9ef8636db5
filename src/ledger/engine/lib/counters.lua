-- Counters change with the decision itself, so they are exact whoever decides. One that Redis does not add to, such as a number near
-- 2^63 or another type, stays as it is: nothing fails for it.
-- What alerts come to be owed is counted as `owed` where that begins, and as `settled:<outcome>` where it ends, so that people can hold it
-- against what stands open: requests, an alert's own or a storm's; waits in a window; and dead letters. What moves from one of these to
-- another is owed as before.
local function bump(name, by) redis.pcall('HINCRBY', KEYS[5], name, by) end
