-- Deals with the named windows that are still due, and their named members: a storm takes no more alerts; members of a window that
-- stayed below its threshold get intents of their own; those of a storm that is over go into the next window where nobody has worked
-- on them. Sent twice, it leaves the state of one. O(windows + members).
-- KEYS  1 intents  2 intentsOf  3 counts  4 sealed  5 counters  6 intentsSince  7 windows  8 buffered  9 letters
--       10 intentTurns  11 intentsServed  12 countTurns  13 countsServed  14 invalidLetters  15 flags  16 canary,
--       then record and members of each group, then per member its episode
-- ARGV  1 virtual now or ''  2 caller's now  3 operation  4 windows  5 groups, then the groups' ids, then per window its subject, how many
--       of its members are named, and their entries
-- Reply 1 where more windows are due, else 0

--- @include "lib/shared-keys.lua"
--- @include "lib/storms.lua"
--- @include "lib/steps.lua"
--- @include "lib/flags.lua"

local operation, windowCount, groupCount = ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
local argAt, keyAt, opened = 6 + groupCount, SHARED_KEY_COUNT + 1 + 2 * groupCount, 0
declareGroups(groupCount, 6, SHARED_KEY_COUNT + 1)

-- A member of a window that stayed below its threshold gets a request of its own.
local function setOut(window, member)
  local count, first, last, resolvedAt, urgency = member.count, member.first, member.last, member.resolvedAt, member.urgency
  local intent = string.sub(window.subject, 66) .. '-' .. text(member.seq)
  leave(member)
  begin(member, intent, count, now)
  member.first, member.last, member.resolvedAt, member.urgency, member.buffered = first, last, resolvedAt, urgency, '1'
  note(member, 'window-expired', '', '', '', '')
  keep(member)
end

-- The storm that a member which fired again would join if it came in now.
local function stormFor(window)
  if window.again == '' or not isStorm(window.alertsMax, window) then return nil end
  local storm = windowAt(pointerOf(string.sub(window.subject, 1, 64), 'joinable'))
  return storm and now < (storm.dueAt or now) and hasPlace(storm) and storm
end

local function takeIn(storm, member)
  local target, count, first, urgency = member.target, member.count, member.first, member.urgency
  leave(member)
  join(storm, member, target, count, urgency)
  member.first, storm.dueAt = first, joinsUntil(storm)
  note(member, 'appended', 'storm-joined', member.source, '', '')
  keep(member)
end

-- Opened under the rules of the one before, for its members alone.
local function nextWindow(window)
  if window.next == '' then
    window.next = string.sub(operation, 5) .. string.format('%04x', opened)
    opened = opened + 1
  end
  local subject = string.sub(window.subject, 1, 65) .. window.next
  local found = windowAt(subject)
  if found then return found end
  local opening = openWindow(subject, window.origin, window)
  opening.dueAt, opening.source = nil, window.source
  return opening
end

-- By time alone, the storm's request stands for the member from its intent on, as for one with a request of its own. Nothing more is
-- written to it.
local function standBy(window, member)
  member.ns, member.name, member.uid, member.gone, member.intentAt = window.ns, window.name, window.uid, '1', window.intentAt
end

-- A member of a storm that is over goes into the next window where nobody has worked on it: it was in no live request, or fired after
-- the end.
local function handOn(window, member)
  local target, unseen = member.target, member.seq > math.max(window.carried, window.listed)
  local byTime = lacks(member, 'state-based-dedup')
  local cared = member.resolvedAt or (not unseen and (byTime or member.last <= window.overAt))
  note(member, window.gone ~= '' and 'request-gone' or 'request-ended', '', '', window.ns, window.name)
  leave(member)
  -- What it was counted before stays where it was counted: on the request that is over.
  if not cared then
    bump('owed', 1)
    join(nextWindow(window), member, target, 1, nil)
  elseif byTime then standBy(window, member) end
  keep(member)
end

local function expire(window)
  if window.size > 0 then
    bump('windows_expired', 1)
    if window.again == '' then storms.expired(window) end
  end
  window.expired, window.dueAt = '1', now
end

-- Closed as soon as it is filled, so the threshold decides at once.
local function complete(window)
  if isStorm(window.size, window) then return aggregate(window, string.sub(window.subject, 66) .. '-0', now) end
  expire(window)
end

-- A server lost them: nobody is there to wait for.
local function missMembers(window, count)
  window.size = window.size - count
  if window.state ~= 'waiting' then return end
  addBuffered(window, -count)
  bump('settled:lost', count)
end

-- What the window's own steps tell of rules outlives it with its members.
local function tellOn(window, member)
  for rule in string.gmatch(window.steps, 'rule%-broken|([%l-]+)') do note(member, 'rule-broken', rule, '', '', '') end
end

local function deal(window, entries, firstKey)
  for i, entry in ipairs(entries) do
    local member = load(KEYS[firstKey + i - 1], '')
    local isMember = member and member.state == 'held' and member.window == window.subject
    if isMember then tellOn(window, member) end
    if not isMember then
      if redis.call('ZREM', groupOf(window.subject).members, entry) == 1 then missMembers(window, 1) end
    elseif window.state ~= 'waiting' then handOn(window, member)
    else
      local storm = stormFor(window)
      if storm then takeIn(storm, member) else setOut(window, member) end
    end
  end
end

local function hasMembers(window)
  local id = string.sub(window.subject, 66)
  return #redis.call('ZRANGEBYLEX', groupOf(window.subject).members, '[' .. id .. ':', '(' .. id .. ';', 'LIMIT', 0, 1) > 0
end

local function turn(window, entries, firstKey)
  if window.state == 'pending' or window.state == 'live' then return closeStorm(window) end
  if window.state == 'waiting' and window.expired == '' then
    pointAway(window.subject, 'buffering')
    pointAway(window.subject, 'again')
    if window.again == '' then expire(window) else complete(window) end
    if window.state == 'pending' then return end
  end
  deal(window, entries, firstKey)
  if hasMembers(window) then return end
  if window.size > 0 then missMembers(window, window.size) end
  local following = window.next ~= '' and windowAt(string.sub(window.subject, 1, 65) .. window.next)
  if following and following.state == 'waiting' and following.expired == '' then complete(following) end
  forgetWindow(window)
end

for _ = 1, windowCount do
  local subject, members, entries = ARGV[argAt], tonumber(ARGV[argAt + 1]), {}
  for i = 1, members do entries[i] = ARGV[argAt + 1 + i] end
  local due = redis.call('ZSCORE', KEYS[7], subject)
  local window = due and tonumber(due) <= now and windowAt(subject)
  if window then turn(window, entries, keyAt)
  elseif due and tonumber(due) <= now then redis.call('ZREM', KEYS[7], subject) end
  argAt, keyAt = argAt + 2 + members, keyAt + members
end
saveWindows()
units.save()
return text(#redis.call('ZRANGEBYSCORE', KEYS[7], '-inf', text(now), 'LIMIT', 0, 1))
