-- What an episode begins with.
--- @include "lib/records.lua"

local function fresh(record, state, intent, count)
  record.state, record.intent, record.intentAt, record.tries = state, intent, now, 0
  record.ns, record.name, record.uid, record.rv, record.found, record.gone = '', '', '', '', '', ''
  record.confirmed, record.session, record.takenBack, record.lost = '', '', '', ''
  record.buffered, record.window, record.answers, record.target = '', '', '', ''
  record.letter, record.trouble, record.retriedBy, record.letterAt, record.diedAt, record.replayedAt = '', '', '', nil, nil, nil
  record.checkedAt, record.checkUntil, record.liveAt, record.recordedAt = 0, 0, 0, 0
  record.count, record.others, record.first, record.last = count, 0, now, now
  record.resolvedAt, record.written, record.writtenResolvedAt, record.urgency, record.writtenUrgency = nil, 0, nil, nil, nil
end

-- How urgent a problem is: its severity in tens, its priority in ones, more is higher; nil: as its draft says. The higher of each.
local function higher(left, right)
  left, right = left or 0, right or 0
  return math.max(left - left % 10, right - right % 10) + math.max(left % 10, right % 10)
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
