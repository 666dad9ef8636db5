-- Reads what became of a window's request. Changes nothing. O(1).
-- KEYS  1 the record of its group
-- ARGV  1 virtual now or ''  2 caller's now  3 the window's id
-- Reply { state, namespace, name, steps }, empty where it is gone
--- @include "lib/states.lua"
--- @include "lib/steps.lua"
local held = redis.call('HMGET', KEYS[1], ARGV[3] .. ':state', ARGV[3] .. ':ns', ARGV[3] .. ':name', ARGV[3] .. ':steps')
return held[1] and { SHOWN[held[1]], held[2] or '', held[3] or '', recent(held[4] or '') } or {}
