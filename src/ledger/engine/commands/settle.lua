-- Takes back what was leased: counts that were written, or can never be, leave the queue unless there is more to write by now;
-- what failed is due again later, or given up. Sent twice, it leaves the state of one. O(settlements).
-- KEYS  1 intents  2 intentsOf  3 counts  4 sealed  5 counters  6 intentsSince  7 windows  8 buffered  9 letters,
--       then record and members of each group, then one record per settlement
-- ARGV  1 virtual now or ''  2 caller's now  3 settlements  4 groups, then their ids, then per settlement { kind, mark or subject,
--       count or intent, resolvedAt or '' or ms to wait, resourceVersion that showed it, or why it failed, or '',
--       last member listed or '', members listed, shows that it takes no more 1|0 }
-- Reply the number of settlements, as text

--- @include "lib/shared-keys.lua"
--- @include "lib/dead-episodes.lua"
--- @include "lib/storms.lua"
--- @include "lib/versions.lua"
--- @include "lib/record-of.lua"

local groupCount, FIELDS = tonumber(ARGV[4]), 8
declareGroups(groupCount, 5, SHARED_KEY_COUNT + 1)
local function settleAway(mark)
  redis.call('ZREM', KEYS[3], mark)
  redis.call('HDEL', KEYS[4], mark, mark .. '|urgency')
  local window = windowAt(string.match(mark, '^([^|]*)'))
  if window and window.state == 'ended' and markOf(window) == mark then forgetWindow(window) end
end

-- What a storm's object lists. Members that it was told of after its end are listed in vain. Says whether it was news.
local function settleStorm(window, storm)
  local news = storm.through > window.listed or (storm.closed and window.showsClosed == '')
  if window.state == 'live' then window.listed = math.max(window.listed, storm.through) end
  window.listedMembers = storm.members
  if storm.closed then window.showsClosed = '1' end
  return news
end

local function settleEpisode(key, mark, count, resolvedAt, version, storm)
  local episode = recordOf(key, string.match(mark, '^[^|]*'))
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
local function settleIntent(kind, key, subject, intent, afterMs, trouble)
  local record = recordOf(key, subject)
  if not record or record.state ~= 'pending' or record.intent ~= intent then return end
  local over = kind ~= 'intent-failed' or now - math.max(record.intentAt, record.replayedAt or 0) >= INTENT_LIFE_MS
  local counted = 1
  if over and record.at ~= '' then dissolve(record)
  elseif kind == 'storm-refused' then return
  elseif over and die(record, kind == 'intent-dead' and 'refused' or 'exhausted', trouble) then keep(record)
  else counted = redis.call('ZADD', KEYS[1], 'XX', 'CH', text(now + afterMs), subject) end
  bump('failure:' .. trouble, counted)
end

local function settleRecorded(key, mark, count, resolvedAt, version, storm)
  local sealed = redis.call('HGET', KEYS[4], mark)
  local more, news
  if sealed then
    local owed, resolved = string.match(sealed, '^[^|]*|[^|]*|[^|]*|[^|]*|([^|]*)|[^|]*|[^|]*|([^|]*)$')
    more = capped(tonumber(owed)) > count or tonumber(resolved) ~= resolvedAt
  else
    more, news = settleEpisode(key, mark, count, resolvedAt, version, storm)
  end
  if news or not more then bump('updates_succeeded', 1) end
  if more then redis.call('ZADD', KEYS[3], text(now + WRITE_EVERY_MS), mark) else settleAway(mark) end
end

-- What can never be written leaves the queue; what comes to be counted beside it is tried once, and not at once.
local function giveUp(key, mark)
  settleAway(mark)
  local record = recordOf(key, string.match(mark, '^[^|]*'))
  if not record or markOf(record) ~= mark then return end
  record.recordedAt = now
  keep(record)
end

for i = 1, tonumber(ARGV[3]) do
  local at, key = 4 + groupCount + (i - 1) * FIELDS, KEYS[SHARED_KEY_COUNT + 2 * groupCount + i]
  local kind, name, third, fourth = ARGV[at + 1], ARGV[at + 2], ARGV[at + 3], ARGV[at + 4]
  if kind == 'intent-failed' or kind == 'intent-dead' or kind == 'storm-refused' then
    settleIntent(kind, key, name, third, tonumber(fourth), ARGV[at + 5])
  elseif redis.call('ZSCORE', KEYS[3], name) then
    if kind == 'count-failed' then bump('updates_failed', redis.call('ZADD', KEYS[3], 'CH', text(now + tonumber(fourth)), name))
    elseif kind == 'lost' or kind == 'count-refused' then
      giveUp(key, name)
      bump('counts_lost', 1)
    else
      local storm = { through = tonumber(ARGV[at + 6]), members = tonumber(ARGV[at + 7]), closed = ARGV[at + 8] == '1' }
      settleRecorded(key, name, tonumber(third), tonumber(fourth), ARGV[at + 5], storm)
    end
  end
end
saveWindows()
return ARGV[3]
