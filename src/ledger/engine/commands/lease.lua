-- Hands out the named intents and counts that are still due, and keeps them from others for the lease. O(named, and the members that
-- their objects do not list yet).
-- KEYS  1 intents  2 intentsOf  3 counts  4 sealed  5 counters  6 intentsSince  7 windows  8 buffered  9 letters,
--       then record and members of each group, then the records of the subjects, then those of the marks
-- ARGV  1 virtual now or ''  2 caller's now  3 lease ms  4 subjects  5 marks  6 groups, then the groups' ids, then the names themselves
-- Reply { { subject, intent, tries, buffered 1 or '', draft }.., { mark, namespace, name, uid, slot, count, first, last, resolvedAt or '',
--       last member told, closedAt or '', urgency, members told.. }.., next ms or '' }

--- @include "lib/shared-keys.lua"
--- @include "lib/members.lua"
--- @include "lib/record-of.lua"
--- @include "lib/next-due.lua"

local lease, subjectCount, markCount, groupCount = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local FIRST_KEY, FIRST_ARG, until_ = SHARED_KEY_COUNT + 1 + 2 * groupCount, 7 + groupCount, text(now + lease)
declareGroups(groupCount, 7, SHARED_KEY_COUNT + 1)

local function isDue(key, member)
  local due = redis.call('ZSCORE', key, member)
  return due and tonumber(due) <= now
end

-- Members that a live object does not list yet; what one lists after its end would look as if somebody had worked on it.
local function unlisted(window)
  local lines, through = {}, window.state == 'live' and window.seq or 0
  if window.state ~= 'live' then return lines, through end
  local id = string.sub(window.subject, 66)
  local from, to = '[' .. id .. ':' .. place(window.listed + 1) .. ':', '(' .. id .. ';'
  local entries = redis.call('ZRANGEBYLEX', groupOf(window.subject).members, from, to, 'LIMIT', 0, MEMBERS_WRITTEN_MAX)
  for i, entry in ipairs(entries) do
    local seq, fingerprint, target = string.match(entry, '^[^:]*:(%d+):([^:]*):(.*)$')
    lines[i] = string.sub(fingerprint, 1, 16) .. ' ' .. target
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
  if isDue(KEYS[1], subject) then
    local record = recordOf(key, subject)
    local draft = record and record.at == '' and redis.call('HGET', key, 'draft') or ''
    if record and record.state == 'pending' and (draft or record.at ~= '') then
      redis.call('ZADD', KEYS[1], until_, subject)
      local tries = text((record.tries or 0) + 1)
      redis.call('HSET', record.key, record.at .. 'tries', tries)
      intents[#intents + 1] = { subject, record.intent, tries, record.buffered, draft }
    else
      -- A server that lost this key kept the index: there is nothing to make a request from.
      redis.call('ZREM', KEYS[1], subject)
      redis.call('ZREM', KEYS[6], subject)
    end
  end
end

local counts = {}
for i = 1, markCount do
  local mark, key = ARGV[FIRST_ARG + subjectCount + i - 1], KEYS[FIRST_KEY + subjectCount + i - 1]
  if isDue(KEYS[3], mark) then
    local sealed, count = redis.call('HGET', KEYS[4], mark), nil
    if sealed then
      count = { mark, string.match(sealed, '^([^|]*)|([^|]*)|([^|]*)|([^|]*)|([^|]*)|([^|]*)|([^|]*)|([^|]*)$') }
      count[10], count[11], count[12] = '0', '', redis.call('HGET', KEYS[4], mark .. '|urgency') or '0'
    else
      local record = recordOf(key, string.match(mark, '^[^|]*'))
      if record and record.uid ~= '' and markOf(record) == mark then count = owed(record, mark) end
    end
    if count then
      redis.call('ZADD', KEYS[3], until_, mark)
      counts[#counts + 1] = count
    else
      redis.call('ZREM', KEYS[3], mark)
    end
  end
end

return { intents, counts, nextDueIn({ KEYS[1], KEYS[3], KEYS[7] }) }
