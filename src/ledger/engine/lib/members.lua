-- A group's members are a sorted set of <window>:<place>:<fingerprint>:<target>, all of one score, so a range by text is a window's in
-- the order of joining.
--- @include "lib/windows.lua"
--- @include "lib/counts.lua"
--- @include "lib/places.lua"
--- @include "lib/totals.lua"
--- @include "lib/counters.lua"
--- @include "lib/storm-units.lua"

local function entryOf(window, episode)
  return table.concat({ string.sub(window.subject, 66), place(episode.seq), episode.subject, episode.target }, ':')
end

-- How many wait below their threshold: in all, of each namespace, and in the windows that a source has opened.
local function addBuffered(window, by)
  addTo(KEYS[8], 'total', by)
  addTo(KEYS[8], 'of:' .. window.origin, by)
  addTo(KEYS[8], 'from:' .. window.source, by)
end

-- Whoever is in it now goes into its request, the first ones at least; later ones are told by counts.
local function carry(window)
  local id = string.sub(window.subject, 66)
  local first = redis.call('ZRANGEBYLEX', groupOf(window.subject).members, '[' .. id .. ':', '(' .. id .. ';', 'LIMIT', 0, 1)[1]
  window.carried = math.min(window.seq, (tonumber(string.match(first or '', '^[^:]*:(%d+)')) or 0) + CARRIED_MAX - 1)
end

-- A member's deliveries count on its window's request, and raise its urgency.
local function countOn(window, by, urgency)
  window.urgency = higher(window.urgency, urgency)
  window.count, window.last, window.resolvedAt = window.count + by, now, nil
  queueCount(window)
end

-- Ends an episode's membership. What it counted leaves only as long as no object can show it: a slot never falls, so taking it back later
-- would hide as many deliveries of others.
local function leave(episode)
  if episode.state ~= 'held' then return end
  local window = windowOf(episode)
  episode.state = 'ended'
  if not window or redis.call('ZREM', groupOf(window.subject).members, entryOf(window, episode)) == 0 then return end
  window.size = window.size - 1
  if not episode.resolvedAt then window.firing = window.firing - 1 end
  if window.state == 'waiting' or window.state == 'pending' then
    -- A sum that stands at its bound no longer tells how much of it was whose; every member counts once at least.
    window.count = math.max(window.size, window.count - episode.count)
  end
  if window.state ~= 'waiting' then return end
  addBuffered(window, -1)
  -- Its request, if there will be one, says how urgent those are that stay.
  window.urgency = nil
end

-- From now on its request is the window's.
local function join(window, episode, target, count, urgency)
  storms.listing(window)
  seal(episode)
  fresh(episode, 'held', '', count)
  window.seq, window.size, window.firing, window.joinedAt = window.seq + 1, window.size + 1, window.firing + 1, now
  episode.window, episode.seq, episode.target = window.subject, window.seq, target
  redis.call('ZADD', groupOf(window.subject).members, 0, entryOf(window, episode))
  if window.state == 'waiting' then addBuffered(window, 1) else bump('settled:storm', 1) end
  countOn(window, count, urgency)
end
