-- The durable decision that a request must exist: a subject has at most one at a time.
--- @include "lib/counts.lua"
--- @include "lib/totals.lua"

local function closeIntent(episode)
  if not dropTurn(INTENTS, episode.origin, episode.subject) then return end
  redis.call('ZREM', KEYS[6], episode.subject)
  addTo(KEYS[2], episode.origin, -1)
end

local function openIntent(episode, due, since)
  setTurn(INTENTS, episode.origin, episode.subject, due)
  redis.call('ZADD', KEYS[6], text(since), episode.subject)
  addTo(KEYS[2], episode.origin, 1)
end

-- Turns the record to a new episode with an open intent.
local function begin(episode, intent, count, due)
  seal(episode)
  fresh(episode, 'pending', intent, count)
  openIntent(episode, due, now)
end

local function hasIntentRoom(origin, most)
  return redis.call('ZCARD', KEYS[1]) < most and totalOf(KEYS[2], origin) < most / NAMESPACE_SHARE
end

-- <id> -> <id>.2 -> <id>.3: without randomness, so that a fact applied twice names the same intent.
local function nextIntent(intent)
  local id, turn = string.match(intent, '^([^.]*)%.?(%d*)$')
  return id .. '.' .. text((tonumber(turn) or 1) + 1)
end
