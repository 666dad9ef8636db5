-- What an alert of each fingerprint would meet. Changes nothing. O(fingerprints).
-- KEYS  per fingerprint its episode and the record of its group
-- ARGV  1 virtual now or ''  2 caller's now
-- Reply per fingerprint { none | waiting | pending | live | dead | ended, occurrences, namespace, name, buffering | storm | '', members,
--       threshold, letter's kind or '', due for another try 1 | 0 }
--- @include "lib/time.lua"
--- @include "lib/letter-state.lua"
local function openWindow(group)
  local pointers = redis.call('HMGET', group, 'joinable', 'buffering')
  for i, kind in ipairs({ 'storm', 'buffering' }) do
    local id = pointers[i] and string.sub(pointers[i], 66)
    local held = id and redis.call('HMGET', group, id .. ':size', id .. ':threshold', id .. ':dueAt')
    if held and held[1] and (kind == 'buffering' or now < (tonumber(held[3] or '') or now)) then return kind, held[1], held[2] end
  end
  return '', '0', '0'
end
local glimpses = {}
for i = 1, #KEYS, 2 do
  local held = redis.call('HMGET', KEYS[i], 'state', 'count', 'others', 'ns', 'name', 'window', 'letter', 'letterAt', 'diedAt')
  local count = (tonumber(held[2] or '') or 0) + (tonumber(held[3] or '') or 0)
  local state, ns, name = stateOf(held[1], held[8]) or 'none', held[4] or '', held[5] or ''
  if state == 'held' then
    local id = string.sub(held[6], 66)
    local window = redis.call('HMGET', KEYS[i + 1], id .. ':state', id .. ':ns', id .. ':name')
    state, ns, name = window[1] or 'ended', window[2] or '', window[3] or ''
  end
  local kind, members, threshold = openWindow(KEYS[i + 1])
  local letter = state == 'dead' and held[7] or ''
  local due = letter ~= '' and now - tonumber(held[9]) >= DEAD_RETRY_MS
  glimpses[#glimpses + 1] = { state, text(count), ns, name, kind, members, threshold, letter, due and '1' or '0' }
end
return glimpses
