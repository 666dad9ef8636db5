/** Defines `applyFact` and `factAt`. Needs intents; bumps counters. */
export const facts = `
-- One rule for whatever is learnt about an object: ensure's answer binds a pending episode of that intent; a bound one takes news of the
-- same uid at the same or a higher resourceVersion; gone is final for its uid; anything else says nothing new and is dropped.
local FACT_FIELDS = 11
local function factAt(start)
  return { kind = ARGV[start], fingerprint = ARGV[start + 1], intent = ARGV[start + 2], outcome = ARGV[start + 3], ns = ARGV[start + 4],
    name = ARGV[start + 5], uid = ARGV[start + 6], rv = ARGV[start + 7], ended = ARGV[start + 8] == '1',
    endedAt = tonumber(ARGV[start + 9]), others = tonumber(ARGV[start + 10]) or 0 }
end

-- resourceVersions are decimal strings of any length.
local function atLeast(version, other)
  if #version == #other then return version >= other end
  return #version > #other
end

-- An alert that fired after the end was counted on a request nobody works on any more: it gets a new intent, due at once.
local function finish(episode, endedAt)
  local seenLive = episode.checkedAt or 0
  local over = math.min(now, math.max(seenLive, endedAt or seenLive))
  episode.state = 'ended'
  if episode.last > over and not episode.resolvedAt then begin(episode, nextIntent(episode.intent), 1, now) end
end

local function look(episode, fact)
  if episode.state ~= 'live' or episode.uid ~= fact.uid or not atLeast(fact.rv, episode.rv) then return false end
  episode.rv, episode.checkUntil = fact.rv, 0
  if fact.ended then finish(episode, fact.endedAt) else episode.checkedAt = now end
  return true
end

local function bind(episode, fact)
  closeIntent(episode)
  episode.found = fact.outcome == 'existing' and '1' or ''
  bump(episode.found == '1' and 'requests_found' or 'requests_created', 1)
  episode.ns, episode.name, episode.uid, episode.rv, episode.state = fact.ns, fact.name, fact.uid, fact.rv, 'live'
  -- Nobody can have seen it live before the intent was written; that is the floor for its end.
  episode.checkedAt = fact.ended and episode.intentAt or now
  -- An object made for this intent shows it as 1 without a write.
  episode.others, episode.written = fact.others, episode.found == '1' and 0 or 1
  queueCount(episode)
  if fact.ended then finish(episode, fact.endedAt) end
end`;

/** Defines `applyFact`: bound, applied or dropped. Needs facts. */
export const applyFact = `
local function lose(episode, uid)
  if episode.uid ~= uid or episode.gone ~= '' then return false end
  episode.gone = '1'
  if redis.call('ZREM', KEYS[3], markOf(episode)) == 1 then bump('counts_lost', 1) end
  if episode.state == 'live' then finish(episode, nil) end
  return true
end

local function ensured(episode, fact)
  if episode.intent ~= fact.intent then return 'dropped' end
  if episode.state == 'pending' then bind(episode, fact) return 'bound' end
  if episode.uid ~= fact.uid then return 'dropped' end
  look(episode, fact)
  return 'bound'
end

local function applyFact(key, fact)
  local episode = load(key)
  if not episode then return 'dropped', '0' end
  local kind
  if fact.kind == 'ensured' then kind = ensured(episode, fact)
  elseif fact.kind == 'gone' then kind = lose(episode, fact.uid) and 'applied' or 'dropped'
  else kind = look(episode, fact) and 'applied' or 'dropped' end
  if kind ~= 'dropped' then keep(episode) end
  return kind, occurrences(episode)
end`;
