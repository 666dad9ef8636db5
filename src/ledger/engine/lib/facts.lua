-- What was seen of an object, and what that does to the record that is bound to it.
--- @include "lib/storms.lua"
--- @include "lib/steps.lua"
--- @include "lib/answers.lua"
--- @include "lib/flags.lua"

local FACT_FIELDS = 22
local function factAt(start)
  return { kind = ARGV[start], subject = ARGV[start + 1], intent = ARGV[start + 2], outcome = ARGV[start + 3], ns = ARGV[start + 4],
    name = ARGV[start + 5], uid = ARGV[start + 6], rv = ARGV[start + 7], ended = ARGV[start + 8] == '1',
    endedAt = tonumber(ARGV[start + 9]), others = tonumber(ARGV[start + 10]) or 0, session = ARGV[start + 11], former = ARGV[start + 12],
    shown = ARGV[start + 13], shownResolvedAt = tonumber(ARGV[start + 14]), ago = tonumber(ARGV[start + 15]),
    shownMembers = tonumber(ARGV[start + 16]) or 0, adoptedAt = tonumber(ARGV[start + 17]), adoptedMembers = tonumber(ARGV[start + 18]),
    fingerprint = ARGV[start + 19], urgency = tonumber(ARGV[start + 20]),
    requests = tonumber(ARGV[start + 21]) }
end

-- Which of a storm's members nobody has worked on, the sweep finds, a part at a time. An alert of its own that fired after the end was
-- counted on a request nobody works on any more: it gets a new intent, due at once, but where states decide nothing.
-- What was seen may be old when it is told, so an end of before is believed as far back as that can be.
local function finish(episode, endedAt)
  local seenLive = episode.liveAt
  local floor = math.max(seenLive - SIGHT_AGE_MAX_MS, episode.found == '' and episode.intentAt or 0)
  local over = endedAt and math.min(now, math.max(floor, endedAt)) or seenLive
  -- Where nobody knows when it ended, nothing shows that an answer was wrong.
  judgeAnswers(episode, endedAt and over or now)
  if episode.at ~= '' then storms.listing(episode) end
  if episode.at ~= '' and not episode.closedAt then storms.closed(episode) end
  episode.state = 'ended'
  if episode.gone == '' then note(episode, 'request-ended', '', '', episode.ns, episode.name) end
  if episode.at ~= '' then
    pointAway(episode.subject, 'joinable')
    episode.overAt, episode.dueAt = over, now
  elseif episode.last > over and not episode.resolvedAt and not lacks(episode, 'state-based-dedup') then
    begin(episode, nextIntent(episode.intent), 1, now)
    bump('owed', 1)
  end
end

-- Binds the record to the fact's object.
local function point(episode, fact, found)
  episode.ns, episode.name, episode.uid, episode.rv = fact.ns, fact.name, fact.uid, fact.rv
  episode.found, episode.gone, episode.state = found and '1' or '', '', 'live'
  if fact.session ~= '' then episode.session = fact.session end
  -- Nobody can have seen it live before the intent was written; whoever ensured it may have seen it long before it tells.
  episode.checkedAt = fact.ended and episode.intentAt or math.max(episode.intentAt, now - (fact.ago or 0))
  episode.liveAt = episode.intentAt
  -- An object made for this intent shows it as 1 without a write.
  episode.others, episode.written, episode.writtenResolvedAt = fact.others, found and 0 or 1, nil
  -- Whoever does not tell how urgent it shows to be is believed to show it as it is.
  episode.writtenUrgency = fact.urgency or episode.urgency
  if episode.at ~= '' then redis.call('HSET', episode.key, 'uid:' .. fact.uid, episode.subject) end
  queueCount(episode)
  if fact.ended then finish(episode, fact.endedAt) end
end
