import { WRITE_EVERY_MS } from "../../../domain/ledger-limits.ts";

/** Defines `markOf`, `unwritten`, `queueCount`, `seal`, `keep` over KEYS 3 counts, 4 sealed. Needs episodes. */
export const counts = `
-- What an object has still to be told. A mark is fingerprint|intent, so it names one episode's slot for good.
local function markOf(episode) return episode.fingerprint .. '|' .. episode.intent end

local function unwritten(episode)
  return episode.count > (episode.written or 0) or episode.resolvedAt ~= episode.writtenResolvedAt
end

-- Queues the count where the object shows less, at most one write per object each ${WRITE_EVERY_MS / 1000} s; a queued or leased one stays as it is.
local function queueCount(episode)
  if episode.uid == '' or episode.gone ~= '' or not unwritten(episode) then return end
  local due = math.max(now, (episode.recordedAt or 0) + ${WRITE_EVERY_MS})
  redis.call('ZADD', KEYS[3], 'NX', text(due), markOf(episode))
end

-- Before the record turns to a new episode: what is unwritten stays queued for its own object.
local function seal(episode)
  if episode.uid == '' or not redis.call('ZSCORE', KEYS[3], markOf(episode)) then return end
  redis.call('HSET', KEYS[4], markOf(episode), table.concat({ episode.ns, episode.name, episode.uid, episode.intent, text(episode.count),
    text(episode.first), text(episode.last), episode.resolvedAt and text(episode.resolvedAt) or '' }, '|'))
end

local function keep(episode)
  save(episode, episode.state == 'pending' or redis.call('ZSCORE', KEYS[3], markOf(episode)))
end`;
