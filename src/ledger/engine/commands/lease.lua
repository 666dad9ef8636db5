-- Hands out the named intents and counts that are still due, and keeps them from others for the lease. O(named, and the members that
-- their objects do not list yet).
-- KEYS  1 intents  2 intentsOf  3 counts  4 sealed  5 counters  6 intentsSince  7 windows  8 buffered  9 letters
--       10 intentTurns  11 intentsServed  12 countTurns  13 countsServed  14 invalidLetters  15 flags  16 canary,
--       then record and members of each group, then the records of the subjects, then those of the marks
-- ARGV  1 virtual now or ''  2 caller's now  3 lease ms  4 subjects  5 marks  6 groups  7 subjects by age  8 marks by age, which come last,
--       then the groups' ids, then the names themselves
-- Reply { { subject, intent, tries, buffered 1 or '', draft, namespace }.., { mark, namespace, name, uid, slot, count, first, last,
--       resolvedAt or '', last member told, closedAt or '', urgency, members told.. }.., next ms or '' }

--- @include "lib/shared-keys.lua"
--- @include "lib/members.lua"
--- @include "lib/record-of.lua"
--- @include "lib/intents.lua"
--- @include "lib/next-due.lua"
--- @include "lib/totals.lua"
--- @include "lib/counters.lua"

local lease, subjectCount, markCount, groupCount = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local served, isStrange = { [INTENTS] = {}, [COUNTS] = {} }, false
local FIRST_KEY, FIRST_ARG = SHARED_KEY_COUNT + 1 + 2 * groupCount, 9 + groupCount
declareGroups(groupCount, 9, SHARED_KEY_COUNT + 1)

local function dueOf(queue, thing)
  local due = tonumber(redis.call('ZSCORE', queue.index, thing) or '')
  return due and due <= now and due
end

-- What was found by age is handed out only where it has no turn of its own.
local function handOut(queue, namespace, thing, isByAge, due)
  if isByAge then
    for class = 0, 1 do
      if redis.call('ZSCORE', queue.turns, turnOf(namespace, class, due, thing)) then
        serveBy(queue, namespace, due)
        return false
      end
    end
    isStrange = true
    -- It leaves the part of the index that was looked through.
    addTo(KEYS[2], queue == INTENTS and ':intents' or ':counts', -1)
  end
  setTurn(queue, namespace, thing, now + lease)
  served[queue][namespace] = true
  return true
end

-- Members that a live object does not list yet, with the fingerprint of each whose details it may have room for; what one lists after
-- its end would look as if somebody had worked on it.
local function unlisted(window)
  local lines, through = {}, window.state == 'live' and window.seq or 0
  if window.state ~= 'live' then return lines, through end
  local id = string.sub(window.subject, 66)
  local from, to = '[' .. id .. ':' .. place(window.listed + 1) .. ':', '(' .. id .. ';'
  local entries = redis.call('ZRANGEBYLEX', groupOf(window.subject).members, from, to, 'LIMIT', 0, MEMBERS_WRITTEN_MAX)
  for i, entry in ipairs(entries) do
    local seq, fingerprint, target = string.match(entry, '^[^:]*:(%d+):([^:]*):(.*)$')
    local late = tonumber(seq) > window.carried and tonumber(seq) <= DETAILED_MAX
    lines[i] = string.sub(fingerprint, 1, late and 64 or 16) .. ' ' .. target
    if #entries == MEMBERS_WRITTEN_MAX then through = tonumber(seq) end
  end
  return lines, through
end

local function owed(record, mark)
  local count = { mark, record.ns, record.name, record.uid, record.intent, text(record.count), text(record.first), text(record.last),
    record.resolvedAt and text(record.resolvedAt) or '', '0', '', text(record.urgency or 0) }
  if record.at == '' then return count end
  local lines, through = unlisted(record)
  count[10], count[11] = text(through), record.closedAt and text(record.closedAt) or ''
  for _, line in ipairs(lines) do count[#count + 1] = line end
  return count
end

local intents = {}
for i = 1, subjectCount do
  local subject, key = ARGV[FIRST_ARG + i - 1], KEYS[FIRST_KEY + i - 1]
  local due = dueOf(INTENTS, subject)
  local record = due and recordOf(key, subject)
  local draft = record and record.at == '' and redis.call('HGET', key, 'draft') or ''
  if record and record.state == 'pending' and (draft or record.at ~= '') then
    if handOut(INTENTS, record.origin, subject, i > subjectCount - tonumber(ARGV[7]), due) then
      local tries = text((record.tries or 0) + 1)
      redis.call('HSET', record.key, record.at .. 'tries', tries)
      redis.call('ZADD', KEYS[10], 0, ofSource(record))
      intents[#intents + 1] = { subject, record.intent, tries, record.buffered, draft, record.origin }
    end
  elseif due then
    -- A server that lost this key kept the index: there is nothing to make a request from.
    redis.call('ZREM', KEYS[1], subject)
    redis.call('ZREM', KEYS[6], subject)
    if not record then bump('settled:lost', 1) end
  end
end

local function countOf(key, mark)
  local sealed = redis.call('HGET', KEYS[4], mark)
  if sealed then
    local count = { mark, string.match(sealed, '^([^|]*)|([^|]*)|([^|]*)|([^|]*)|([^|]*)|([^|]*)|([^|]*)|([^|]*)$') }
    count[10], count[11], count[12] = '0', '', redis.call('HGET', KEYS[4], mark .. '|urgency') or '0'
    return count
  end
  local record = recordOf(key, string.match(mark, '^[^|]*'))
  return record and record.uid ~= '' and markOf(record) == mark and owed(record, mark) or nil
end

local counts = {}
for i = 1, markCount do
  local mark, key = ARGV[FIRST_ARG + subjectCount + i - 1], KEYS[FIRST_KEY + subjectCount + i - 1]
  local due = dueOf(COUNTS, mark)
  local count = due and countOf(key, mark)
  if not count then
    if due then redis.call('ZREM', KEYS[3], mark) end
  elseif handOut(COUNTS, count[2], mark, i > markCount - tonumber(ARGV[8]), due) then
    counts[#counts + 1] = count
  end
end

for queue, namespaces in pairs(served) do
  for namespace in pairs(namespaces) do
    local isRefused = redis.call('ZSCORE', queue.served, '!' .. namespace)
    if not isRefused then serveNext(queue, namespace)
    else redis.call('ZADD', queue.served, text(now + lease), '!' .. namespace) end
  end
end
-- Where one thing had no turn, more may have none.
return { intents, counts, isStrange and '0' or nextDue() }
