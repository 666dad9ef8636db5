-- An object that shows less than was written is owed it again: a full status update erases fields its writer does not know.
--- @include "lib/facts.lua"
--- @include "lib/versions.lua"

local function believe(episode, fact)
  local at = string.find(',' .. fact.shown, ',' .. episode.intent .. '=', 1, true)
  local count = at and tonumber(string.match(fact.shown, '^%d+', at + #episode.intent + 1)) or 0
  episode.written = math.min(episode.written or 0, count)
  if not fact.shownResolvedAt then episode.writtenResolvedAt = nil end
  if episode.at ~= '' and fact.shownMembers < episode.listedMembers then
    episode.listed, episode.listedMembers, episode.showsClosed = 0, fact.shownMembers, ''
  end
  queueCount(episode)
end

-- Only a watch that has followed the request since it was last seen knows that it was live until it heard of the end.
local function heardOf(episode, fact)
  return fact.ago and fact.session ~= '' and fact.session == episode.session and now - fact.ago
end

local function look(episode, fact)
  if episode.uid == '' or episode.uid ~= fact.uid or not atLeast(fact.rv, episode.rv) then return false end
  local heardAt = heardOf(episode, fact)
  episode.rv = fact.rv
  if fact.session ~= '' then episode.session = fact.session end
  episode.writtenUrgency = fact.urgency or episode.writtenUrgency
  if fact.shown == '-' then episode.confirmed = '1' else believe(episode, fact) end
  if episode.state ~= 'live' then return true end
  episode.checkUntil = 0
  if fact.ended then
    finish(episode, fact.endedAt or heardAt)
    return true
  end
  local seenAt = now - (fact.ago or 0)
  episode.checkedAt, episode.liveAt = math.max(episode.checkedAt, seenAt), math.max(episode.liveAt or 0, seenAt)
  return true
end
