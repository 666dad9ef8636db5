/** Defines `openIntent`, `closeIntent`, `begin`, `nextIntent` over KEYS 1 intents, 2 intentsOf. Needs counts and `intentsSince`, a key. */
export const intents = `
-- The durable decision that a request must exist: a fingerprint has at most one at a time.
local function closeIntent(episode)
  if redis.call('ZREM', KEYS[1], episode.fingerprint) == 0 then return end
  redis.call('ZREM', intentsSince, episode.fingerprint)
  if redis.call('HINCRBY', KEYS[2], episode.origin, -1) <= 0 then redis.call('HDEL', KEYS[2], episode.origin) end
end

local function openIntent(episode, due)
  redis.call('ZADD', KEYS[1], text(due), episode.fingerprint)
  redis.call('ZADD', intentsSince, text(episode.intentAt), episode.fingerprint)
  redis.call('HINCRBY', KEYS[2], episode.origin, 1)
end

-- Turns the record to a new episode with an open intent.
local function begin(episode, intent, count, due)
  seal(episode)
  episode.intent, episode.state, episode.intentAt, episode.tries = intent, 'pending', now, 0
  episode.ns, episode.name, episode.uid, episode.rv, episode.found, episode.gone = '', '', '', '', '', ''
  episode.confirmed, episode.session, episode.takenBack = '', '', ''
  episode.checkedAt, episode.checkUntil, episode.recordedAt = 0, 0, 0
  episode.count, episode.others, episode.first, episode.last = count, 0, now, now
  episode.resolvedAt, episode.written, episode.writtenResolvedAt = nil, 0, nil
  openIntent(episode, due)
end

-- <id> -> <id>.2 -> <id>.3: without randomness, so that a fact applied twice names the same intent.
local function nextIntent(intent)
  local id, turn = string.match(intent, '^([^.]*)%.?(%d*)$')
  return id .. '.' .. text((tonumber(turn) or 1) + 1)
end`;
