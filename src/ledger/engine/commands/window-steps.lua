-- Reads what became of a window's request. Changes nothing. O(1).
-- KEYS  1 the record of its group
-- ARGV  1 the window's id
-- Reply { state, namespace, name, steps }, empty where it is gone
local held = redis.call('HMGET', KEYS[1], ARGV[1] .. ':state', ARGV[1] .. ':ns', ARGV[1] .. ':name', ARGV[1] .. ':steps')
return held[1] and held or {}
