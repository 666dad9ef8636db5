-- Reads what became of a fingerprint. Changes nothing. O(1).
-- KEYS  1 its episode
-- ARGV  1 virtual now or ''  2 caller's now
-- Reply { state, occurrences, namespace, name, its window while it is a member or '', steps, draft }, empty where nothing is known of it
--- @include "lib/states.lua"
--- @include "lib/steps.lua"
local held = redis.call('HMGET', KEYS[1], 'state', 'count', 'others', 'ns', 'name', 'window', 'steps', 'draft', 'letterAt')
if not held[1] then return {} end
local count = (tonumber(held[2] or '') or 0) + (tonumber(held[3] or '') or 0)
local window = held[1] == 'held' and held[6] or ''
return { shownState(held[1], held[9]), text(count), held[4] or '', held[5] or '', window, recent(held[7] or ''), held[8] or '' }
