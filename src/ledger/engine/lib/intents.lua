-- The durable decision that a request must exist: a subject has at most one at a time.
--- @include "lib/counts.lua"
--- @include "lib/totals.lua"

-- Open intents stand among the turns as ~<source>:<subject> as well.
local function ofSource(episode) return '~' .. episode.source .. ':' .. episode.subject end

local function closeIntent(episode)
  if not dropTurn(INTENTS, episode.origin, episode.subject) then return end
  redis.call('ZREM', KEYS[6], episode.subject)
  redis.call('ZREM', KEYS[10], ofSource(episode))
  addTo(KEYS[2], episode.origin, -1)
end

local function openIntent(episode, due, since)
  setTurn(INTENTS, episode.origin, episode.subject, due)
  redis.call('ZADD', KEYS[6], text(since), episode.subject)
  redis.call('ZADD', KEYS[10], 0, ofSource(episode))
  addTo(KEYS[2], episode.origin, 1)
end

-- Turns the record to a new episode with an open intent.
local function begin(episode, intent, count, due)
  seal(episode)
  fresh(episode, 'pending', intent, count)
  openIntent(episode, due, now)
end

-- Open intents are counted where they stand, so that no count can be wrong for long.
local function hasIntentRoom(origin, source, most, sourceMost)
  local function openOf(whose) return redis.call('ZLEXCOUNT', KEYS[10], '[' .. whose .. ':', '(' .. whose .. ';') end
  return redis.call('ZCARD', KEYS[1]) < most and openOf(origin) < most / NAMESPACE_SHARE and openOf('~' .. source) < sourceMost
end

-- <id> -> <id>.2 -> <id>.3: without randomness, so that a fact applied twice names the same intent.
local function nextIntent(intent)
  local id, turn = string.match(intent, '^([^.]*)%.?(%d*)$')
  return id .. '.' .. text((tonumber(turn) or 1) + 1)
end
