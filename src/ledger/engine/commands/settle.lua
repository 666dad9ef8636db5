-- Takes back what was leased: counts that were written, or can never be, leave the queue unless there is more to write by now;
-- what failed is due again later, or given up; what belongs to a namespace that is refused is tried one by one. Sent twice, it
-- leaves the state of one. O(settlements).
-- KEYS  1 intents  2 intentsOf  3 counts  4 sealed  5 counters  6 intentsSince  7 windows  8 buffered  9 letters
--       10 intentTurns  11 intentsServed  12 countTurns  13 countsServed  14 invalidLetters  15 flags  16 canary,
--       then record and members of each group, then one record per settlement
-- ARGV  1 virtual now or ''  2 caller's now  3 settlements  4 groups, then their ids, then per settlement { kind, mark or subject,
--       count or intent, resolvedAt or '' or ms to wait, resourceVersion that showed it, or why it failed, or '',
--       last member listed or '', members listed, shows that it takes no more 1|0,
--       its whole namespace is refused 1|0, or 'unanswered' where nobody answered }
-- Reply the number of settlements, as text

--- @include "lib/shared-keys.lua"
--- @include "lib/dead-episodes.lua"
--- @include "lib/storms.lua"
--- @include "lib/versions.lua"
--- @include "lib/record-of.lua"

local groupCount, FIELDS = tonumber(ARGV[4]), 9
declareGroups(groupCount, 5, SHARED_KEY_COUNT + 1)
local function settleAway(mark, namespace)
  dropTurn(COUNTS, namespace, mark)
  redis.call('HDEL', KEYS[4], mark, mark .. '|urgency')
  local window = windowAt(string.match(mark, '^([^|]*)'))
  if window and window.state == 'ended' and markOf(window) == mark then forgetWindow(window) end
end

-- What a storm's object lists. Members that it was told of after its end are listed in vain. Says whether it was news.
local function settleStorm(window, storm)
  local news = storm.through > window.listed or (storm.closed and window.showsClosed == '')
  storms.listing(window)
  if window.state == 'live' then window.listed = math.max(window.listed, storm.through) end
  window.listedMembers = storm.members
  if storm.closed then window.showsClosed = '1' end
  return news
end

local function settleEpisode(episode, mark, count, resolvedAt, version, storm)
  if not episode or markOf(episode) ~= mark then return false end
  episode.recordedAt = now
  -- What was written before a version seen since may have been erased by it.
  local outdated = episode.uid ~= '' and not atLeast(version, episode.rv)
  local news = not outdated and (count > (episode.written or 0) or resolvedAt ~= episode.writtenResolvedAt)
  if not outdated then
    episode.written, episode.writtenResolvedAt = math.max(episode.written or 0, count), resolvedAt
    if storm.through and settleStorm(episode, storm) then news = true end
  end
  local more = outdated or unwritten(episode)
  if episode.at == '' then save(episode, more or episode.state == 'pending' or episode.state == 'held') end
  return more, news
end

-- An intent whose time is over is given up like one that is refused: a window's is dissolved, any other becomes a dead letter if
-- there is room.
local function settleIntent(kind, key, subject, intent, afterMs, trouble, isRefused)
  local record = recordOf(key, subject)
  if not record or record.state ~= 'pending' or record.intent ~= intent then return end
  local over = kind ~= 'intent-failed' or now - math.max(record.intentAt, record.replayedAt or 0) >= INTENT_LIFE_MS
  local counted = 1
  if over and record.at ~= '' then dissolve(record)
  elseif kind == 'storm-refused' then return
  elseif over and die(record, kind == 'intent-dead' and 'refused' or 'exhausted', trouble) then keep(record)
  else
    local due = redis.call('ZSCORE', KEYS[1], subject)
    counted = (not due or tonumber(due) == now + afterMs) and 0 or 1
    if due then setTurn(INTENTS, record.origin, subject, now + afterMs) end
  end
  if isRefused then refuse(INTENTS, record.origin) elseif kind == 'intent-dead' then accept(INTENTS, record.origin) end
  bump('failure:' .. trouble, counted)
  -- An object of somebody else has its name.
  if trouble == 'contended' and counted == 1 then
    bump('collisions', 1)
    units.count('collisions', record, 1, 1)
  end
end

local function settleRecorded(record, sealed, namespace, mark, count, resolvedAt, version, storm)
  local more, news
  if sealed then
    local owed, resolved = string.match(sealed, '^[^|]*|[^|]*|[^|]*|[^|]*|([^|]*)|[^|]*|[^|]*|([^|]*)$')
    more = capped(tonumber(owed)) > count or tonumber(resolved) ~= resolvedAt
  else
    more, news = settleEpisode(record, mark, count, resolvedAt, version, storm)
  end
  if news or not more then
    bump('updates_succeeded', 1)
    if record then units.count('failed-updates', record, 1, 0) end
  end
  if more then setTurn(COUNTS, namespace, mark, now + WRITE_EVERY_MS) else settleAway(mark, namespace) end
  accept(COUNTS, namespace)
end

-- What can never be written leaves the queue; what comes to be counted beside it is tried once, and not at once.
local function giveUp(record, mark, namespace)
  settleAway(mark, namespace)
  if not record or markOf(record) ~= mark then return end
  record.recordedAt = now
  keep(record)
end

-- The API server answered, and the write was given up.
local function failUpdate(record)
  if not record then return end
  units.count('failed-updates', record, 1, 1)
  keep(record)
end

local function settleCount(at, key, mark)
  local sealed = redis.call('HGET', KEYS[4], mark)
  local record = recordOf(key, string.match(mark, '^[^|]*'))
  local kind, namespace = ARGV[at + 1], sealed and string.match(sealed, '^[^|]*') or record and record.ns or ''
  if kind == 'count-failed' then
    local due = now + tonumber(ARGV[at + 4])
    local isFirst = setTurn(COUNTS, namespace, mark, due) ~= due
    bump('updates_failed', isFirst and 1 or 0)
    if isFirst and ARGV[at + 9] ~= 'unanswered' then failUpdate(record) end
    if ARGV[at + 9] == '1' then refuse(COUNTS, namespace) end
  elseif kind == 'lost' or kind == 'count-refused' then
    giveUp(record, mark, namespace)
    bump('counts_lost', 1)
    if kind == 'count-refused' then failUpdate(record) end
  else
    local storm = { through = tonumber(ARGV[at + 6]), members = tonumber(ARGV[at + 7]), closed = ARGV[at + 8] == '1' }
    settleRecorded(record, sealed, namespace, mark, tonumber(ARGV[at + 3]), tonumber(ARGV[at + 4]), ARGV[at + 5], storm)
  end
end

for i = 1, tonumber(ARGV[3]) do
  local at, key = 4 + groupCount + (i - 1) * FIELDS, KEYS[SHARED_KEY_COUNT + 2 * groupCount + i]
  local kind, name = ARGV[at + 1], ARGV[at + 2]
  if ARGV[at + 9] == 'unanswered' then units.exclude() end
  if kind == 'intent-failed' or kind == 'intent-dead' or kind == 'storm-refused' then
    settleIntent(kind, key, name, ARGV[at + 3], tonumber(ARGV[at + 4]), ARGV[at + 5], ARGV[at + 9] == '1')
  elseif redis.call('ZSCORE', KEYS[3], name) then settleCount(at, key, name) end
end
saveWindows()
units.save()
return ARGV[3]
