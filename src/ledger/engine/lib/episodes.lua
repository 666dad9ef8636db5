-- What an episode begins with.
--- @include "lib/records.lua"

local function fresh(record, state, intent, count)
  record.state, record.intent, record.intentAt, record.tries = state, intent, now, 0
  record.ns, record.name, record.uid, record.rv, record.found, record.gone = '', '', '', '', '', ''
  record.confirmed, record.session, record.takenBack, record.lost = '', '', '', ''
  record.buffered, record.window, record.target = '', '', ''
  record.letter, record.trouble, record.retriedBy, record.letterAt, record.diedAt, record.replayedAt = '', '', '', nil, nil, nil
  record.checkedAt, record.checkUntil, record.liveAt, record.recordedAt = 0, 0, 0, 0
  record.count, record.others, record.first, record.last = count, 0, now, now
  record.resolvedAt, record.written, record.writtenResolvedAt = nil, 0, nil
end

-- Sets a member of one of the three bounded groups; false where there is no room.
local function remember(episode, group, id, value)
  local field = group .. ':' .. id
  if redis.call('HEXISTS', episode.key, field) == 0 then
    if episode[group] >= MEMBERS_MAX then return false end
    episode[group] = episode[group] + 1
  end
  redis.call('HSET', episode.key, field, value)
  return true
end

local function occurrences(episode) return episode and text(capped(episode.count + episode.others)) or '0' end
