-- Names due intents and counts: of each namespace that is due its share, things that are due at once before those that were tried. Of the
-- index itself, by age, as many again from where the last call ended: what a former version wrote stands only there. Forgets turns that are
-- outdated. O(limit).
-- KEYS  1 intents  2 intentsOf  3 counts  4 sealed  5 counters  6 intentsSince  7 windows  8 buffered  9 letters
--       10 intentTurns  11 intentsServed  12 countTurns  13 countsServed  14 invalidLetters  15 flags  16 canary
-- ARGV  1 virtual now or ''  2 caller's now  3 limit  4 percent with state-based dedup  5 percent with storm buffering
--       6 and 7 the overrides of both that the caller saw last, or ''  8 ms between two votes of a rule
--       9 something else than a feature is at fault 1|0
-- Reply { subjects, marks, subjects by age, marks by age, a window is due 1 | 0, ms until the next thing is due or '',
--       windows, where their alerts are to be counted anew,
--       of each feature { share, lowest setting, override, what was lost of it },
--       { feature, rule } of each that this call has turned off }
--- @include "lib/turns.lua"
--- @include "lib/next-due.lua"
--- @include "lib/totals.lua"
--- @include "lib/judge-rules.lua"
--- @include "lib/flag-sights.lua"

local limit = tonumber(ARGV[3])
local looks = 2 * limit + OUTDATED_MAX

local function turnsDue(namespace, class)
  local start = namespace .. ':' .. class .. ':'
  return '[' .. start, '(' .. start .. moment(now + 1)
end

-- The first ones that stand in the index as here; forgets the others.
local function take(queue, one, class, most, found)
  local taken, from, to = 0, turnsDue(one.namespace, class)
  while taken < most and looks > 0 do
    local names = redis.call('ZRANGEBYLEX', queue.turns, from, to, 'LIMIT', taken, most - taken)
    if #names == 0 then return end
    looks = looks - #names
    for _, name in ipairs(names) do
      local due, thing = string.match(name, '^[^:]*:.:(%d+):(.*)$')
      if tonumber(redis.call('ZSCORE', queue.index, thing) or '') == tonumber(due) then
        taken, found[#found + 1] = taken + 1, thing
      else
        redis.call('ZREM', queue.turns, name)
      end
    end
  end
end

local function waitingIn(queue, namespace, most)
  local first = redis.call('ZLEXCOUNT', queue.turns, turnsDue(namespace, 0))
  local later = redis.call('ZLEXCOUNT', queue.turns, turnsDue(namespace, 1))
  return { namespace = namespace, first = first, later = later, most = math.min(first + later, most) }
end

local function waiting(queue)
  local all = {}
  for _, name in ipairs(redis.call('ZRANGEBYSCORE', queue.served, '-inf', text(now), 'LIMIT', 0, limit)) do
    if string.sub(name, 1, 1) == '!' then all[#all + 1] = waitingIn(queue, string.sub(name, 2), 1)
    elseif redis.call('ZSCORE', queue.served, '!' .. name) then redis.call('ZREM', queue.served, name)
    else all[#all + 1] = waitingIn(queue, name, limit) end
  end
  return all
end

-- Who wants least comes first, so what one leaves of its share is others'. A quarter of a share is for what was tried before.
local function byTurn(queue)
  local all, left, found = waiting(queue), limit, {}
  table.sort(all, function(one, other) return one.most < other.most end)
  for i, one in ipairs(all) do
    local most = math.min(one.most, math.ceil(left / (#all - i + 1)))
    local later = math.min(one.later, math.max(most - one.first, math.floor(most / 4)))
    local before = #found
    take(queue, one, 0, most - later, found)
    take(queue, one, 1, later, found)
    if #found == before then serveNext(queue, one.namespace) end
    left = left - most
  end
  return found
end

local function byAge(queue, field, found)
  if limit == 0 then return {} end
  local known, others, from = {}, {}, totalOf(KEYS[2], field)
  for _, thing in ipairs(found) do known[thing] = true end
  local flat = redis.call('ZRANGE', queue.index, from, from + limit - 1, 'WITHSCORES')
  local isMore = #flat == 2 * limit and tonumber(flat[#flat]) <= now
  for i = 1, #flat, 2 do
    if tonumber(flat[i + 1]) <= now and not known[flat[i]] then others[#others + 1] = flat[i] end
  end
  if isMore or from > 0 then redis.pcall('HSET', KEYS[2], field, isMore and from + limit or 0) end
  return others
end

-- Forgets some that a former version closed: they would take room of their source.
local function forgetClosed()
  local last = redis.call('HGET', KEYS[2], ':sources') or ''
  local names = redis.call('ZRANGEBYLEX', KEYS[10], last == '' and '[~' or '(' .. last, '(\127', 'LIMIT', 0, limit)
  for _, name in ipairs(names) do
    if not redis.call('ZSCORE', KEYS[1], string.match(name, '[^:]*$')) then redis.call('ZREM', KEYS[10], name) end
  end
  if #names > 0 or last ~= '' then redis.pcall('HSET', KEYS[2], ':sources', #names == limit and names[limit] or '') end
end

forgetClosed()
local subjects, marks = byTurn(INTENTS), byTurn(COUNTS)
local sweep = #redis.call('ZRANGEBYSCORE', KEYS[7], '-inf', text(now), 'LIMIT', 0, 1)

-- All windows, once an hour, unless there are more than one call gets through.
local function toRecount()
  local last = totalOf(KEYS[2], ':recounted')
  if totalOf(KEYS[8], 'total') == 0 or last > 0 and now - last < RECOUNT_EVERY_MS then return {} end
  if last > 0 and redis.call('ZCARD', KEYS[7]) <= RECOUNT_MAX then return redis.call('ZRANGE', KEYS[7], 0, -1) end
  redis.pcall('HSET', KEYS[2], ':recounted', text(now))
  return {}
end

local rolledBack = judgeRules({ ARGV[4], ARGV[5] }, tonumber(ARGV[8]), ARGV[9] == '1')
return { subjects, marks, byAge(INTENTS, ':intents', subjects), byAge(COUNTS, ':counts', marks), text(sweep),
  nextDue(), toRecount(), sightsOf({ ARGV[4], ARGV[5] }, { ARGV[6], ARGV[7] }), rolledBack }
