-- What an object has still to be told. A mark is subject|intent, so it names one episode's slot for good.
--- @include "lib/episodes.lua"
--- @include "lib/turns.lua"

local function markOf(episode) return episode.subject .. '|' .. episode.intent end

-- A storm that has ended lists no more members: they get another request.
local function unwritten(episode)
  if episode.count > (episode.written or 0) or episode.resolvedAt ~= episode.writtenResolvedAt then return true end
  if higher(episode.urgency, episode.writtenUrgency) ~= (episode.writtenUrgency or 0) then return true end
  if episode.at == '' then return false end
  if episode.state == 'live' and episode.seq > episode.listed then return true end
  return episode.closedAt ~= nil and episode.showsClosed == ''
end

-- Queues the count where the object shows less, at most one write per object each WRITE_EVERY_MS; a queued or leased one stays as it is.
local function queueCount(episode)
  if episode.uid == '' or episode.gone ~= '' or not unwritten(episode) then return end
  if redis.call('ZSCORE', KEYS[3], markOf(episode)) then return end
  setTurn(COUNTS, episode.ns, markOf(episode), math.max(now, (episode.recordedAt or 0) + WRITE_EVERY_MS))
end

-- Before the record turns to a new episode: what is unwritten stays queued for its own object. Its urgency stands beside it, where the
-- version before does not look.
local function seal(episode)
  if episode.uid == '' or not redis.call('ZSCORE', KEYS[3], markOf(episode)) then return end
  redis.call('HSET', KEYS[4], markOf(episode), table.concat({ episode.ns, episode.name, episode.uid, episode.intent, text(episode.count),
    text(episode.first), text(episode.last), episode.resolvedAt and text(episode.resolvedAt) or '' }, '|'))
  redis.call('HSET', KEYS[4], markOf(episode) .. '|urgency', text(episode.urgency or 0))
end

-- Windows are saved when all is decided.
local function keep(episode)
  if episode.at ~= '' then return end
  save(episode, episode.state == 'pending' or episode.state == 'held' or redis.call('ZSCORE', KEYS[3], markOf(episode)))
end
