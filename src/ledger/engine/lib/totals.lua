-- How many there are of something: a field that goes with the last one. One that Redis does not add to begins anew, and what cannot be
-- read is none: nothing fails for it.
local function addTo(key, field, by)
  local held = redis.pcall('HINCRBY', key, field, by)
  if type(held) ~= 'number' or held <= 0 then redis.pcall('HDEL', key, field) end
end

local function totalOf(key, field) return tonumber(redis.pcall('HGET', key, field)) or 0 end
