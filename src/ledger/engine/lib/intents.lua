-- The durable decision that a request must exist: a subject has at most one at a time.
--- @include "lib/counts.lua"

local function closeIntent(episode)
  if redis.call('ZREM', KEYS[1], episode.subject) == 0 then return end
  redis.call('ZREM', KEYS[6], episode.subject)
  if redis.call('HINCRBY', KEYS[2], episode.origin, -1) <= 0 then redis.call('HDEL', KEYS[2], episode.origin) end
end

local function openIntent(episode, due, since)
  redis.call('ZADD', KEYS[1], text(due), episode.subject)
  redis.call('ZADD', KEYS[6], text(since), episode.subject)
  redis.call('HINCRBY', KEYS[2], episode.origin, 1)
end

-- Turns the record to a new episode with an open intent.
local function begin(episode, intent, count, due)
  seal(episode)
  fresh(episode, 'pending', intent, count)
  openIntent(episode, due, now)
end

local function hasIntentRoom(origin, most)
  local held = tonumber(redis.call('HGET', KEYS[2], origin) or '0')
  return redis.call('ZCARD', KEYS[1]) < most and held < most / NAMESPACE_SHARE
end

-- <id> -> <id>.2 -> <id>.3: without randomness, so that a fact applied twice names the same intent.
local function nextIntent(intent)
  local id, turn = string.match(intent, '^([^.]*)%.?(%d*)$')
  return id .. '.' .. text((tonumber(turn) or 1) + 1)
end
