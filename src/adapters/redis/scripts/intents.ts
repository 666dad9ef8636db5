/** Defines `openIntent`, `closeIntent`, `begin`, `nextIntent` over KEYS 1 intents, 2 intentsOf, 6 intentsSince. Needs counts. */
export const intents = `
-- The durable decision that a request must exist: a subject has at most one at a time.
local function closeIntent(episode)
  if redis.call('ZREM', KEYS[1], episode.subject) == 0 then return end
  redis.call('ZREM', KEYS[6], episode.subject)
  if redis.call('HINCRBY', KEYS[2], episode.origin, -1) <= 0 then redis.call('HDEL', KEYS[2], episode.origin) end
end

local function openIntent(episode, due)
  redis.call('ZADD', KEYS[1], text(due), episode.subject)
  redis.call('ZADD', KEYS[6], text(episode.intentAt), episode.subject)
  redis.call('HINCRBY', KEYS[2], episode.origin, 1)
end

-- Turns the record to a new episode with an open intent.
local function begin(episode, intent, count, due)
  seal(episode)
  fresh(episode, 'pending', intent, count)
  openIntent(episode, due)
end

-- <id> -> <id>.2 -> <id>.3: without randomness, so that a fact applied twice names the same intent.
local function nextIntent(intent)
  local id, turn = string.match(intent, '^([^.]*)%.?(%d*)$')
  return id .. '.' .. text((tonumber(turn) or 1) + 1)
end`;
