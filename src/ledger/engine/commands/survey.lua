-- Reads what waits, and every counter; forgets dead letters that are over. At the first reading, what stands open and was never counted as
-- owed is taken for owed; where a version before, which counts none of it, may work on beside this one, for an hour at each reading.
-- O(counters + namespaces with waiting alerts + log of what waits).
-- KEYS  1 intents  2 intentsOf  3 counts  4 sealed  5 counters  6 intentsSince  7 windows  8 buffered  9 letters
--       10 intentTurns  11 intentsServed  12 countTurns  13 countsServed  14 invalidLetters  15 flags  16 canary
-- ARGV  1 virtual now or ''  2 caller's now  3 percent with state-based dedup  4 percent with storm buffering
--       then the kinds of letters
-- Reply { open intents, ms since the oldest was opened or '', counters and their values in turn, alerts that wait in windows and most of a
--       namespace, ms since the oldest dead letter's first alert or '', counts to be written, ms since the first window, intent and
--       count were due, '' where there is none, dead letters kept, those of each kind that are not over, the share of each feature }
--- @include "lib/time.lua"
--- @include "lib/forget-letters.lua"
--- @include "lib/flags.lua"
forgetLetters()
local oldestIntent = redis.call('ZRANGE', KEYS[6], 0, 0, 'WITHSCORES')
local oldestLetter = redis.call('ZRANGEBYLEX', KEYS[9], '[since:', '(since;', 'LIMIT', 0, 1)
local function age(since) return since and text(math.max(0, now - tonumber(since))) or '' end
local function overdue(index) return age(redis.call('ZRANGE', index, 0, 0, 'WITHSCORES')[2]) end
local waiting, total, most = redis.call('HGETALL', KEYS[8]), 0, 0
for i = 1, #waiting, 2 do
  local count = tonumber(waiting[i + 1]) or 0
  if waiting[i] == 'total' then total = count elseif string.sub(waiting[i], 1, 3) == 'of:' then most = math.max(most, count) end
end
local intents, letters = redis.call('ZCARD', KEYS[1]), redis.call('ZLEXCOUNT', KEYS[9], '[all:', '(all;')
local counted, balance, held = redis.call('HGETALL', KEYS[5]), intents + total + letters, {}
for i = 1, #counted, 2 do
  local name, count = counted[i], tonumber(counted[i + 1]) or 0
  held[name] = count
  if string.sub(name, 1, 8) == 'settled:' then balance = balance + count end
end
balance = balance - (held.owed or 0)
if not held['owed:before'] and held.alerts_received then
  held['owed:until'] = now + OWED_ANEW_MS
  redis.call('HSET', KEYS[5], 'owed:until', text(held['owed:until']))
end
if not held['owed:before'] or now < (held['owed:until'] or 0) then
  redis.call('HSET', KEYS[5], 'owed:before', text(balance))
  counted[#counted + 1] = 'owed:before'
  counted[#counted + 1] = text(balance)
end
local reply = { text(intents), age(oldestIntent[2]), counted, text(total), text(most),
  age(oldestLetter[1] and string.match(oldestLetter[1], '^since:(%d+)')), text(redis.call('ZCARD', KEYS[3])), overdue(KEYS[7]),
  overdue(KEYS[1]), overdue(KEYS[3]), text(letters) }
for i = 5, #ARGV do
  reply[#reply + 1] = text(lettersIn('kind:' .. ARGV[i]))
end
for _, share in ipairs((sharesOf({ ARGV[3], ARGV[4] }))) do reply[#reply + 1] = text(share) end
return reply
