-- One rule for whatever is learnt: the answer of an ensure, or a look at the object made for it, binds a pending record of that intent;
-- a bound one takes news of the same uid at the same or a higher resourceVersion, and moves only where its object was taken back; gone is
-- final for its uid, but for one whose ensure has not answered, and so is the end of another's object for a pending record; anything else
-- says nothing new and is dropped.
--- @include "lib/bindings.lua"
--- @uses lease

local function lose(episode, fact)
  if episode.state == 'pending' then return noteLost(episode, fact.uid) end
  if episode.uid ~= fact.uid or episode.gone ~= '' then return false end
  local owed = dropTurn(COUNTS, episode.ns, markOf(episode))
  if episode.state == 'live' and episode.confirmed == '' then
    -- Its ensure has not answered: it may have taken the object back, and will say what stays.
    episode.state, episode.ns, episode.name, episode.uid, episode.rv = 'pending', '', '', '', ''
    noteLost(episode, fact.uid)
    openIntent(episode, now + lease, episode.intentAt)
    bump('owed', 1)
    return true
  end
  episode.gone = '1'
  if owed then bump('counts_lost', 1) end
  note(episode, 'request-gone', '', '', episode.ns, episode.name)
  if episode.state == 'live' then finish(episode, heardOf(episode, fact)) end
  return true
end

local function apply(episode, fact, key)
  -- Gone is final for a uid, also where an answer is late that it was there.
  if (fact.kind == 'ensured' or fact.kind == 'seen') and holds(episode.lost, fact.uid) then return 'dropped' end
  if fact.kind == 'ensured' then return ensured(episode, fact) end
  if fact.kind == 'seen' and isOwed(episode) and fact.intent == episode.intent then
    bind(episode, fact, false)
    return 'bound'
  end
  local news
  -- A late answer cannot leave it to what has ended by now.
  if fact.kind == 'seen' and isOwed(episode) then news = fact.ended and noteLost(episode, fact.uid)
  elseif fact.kind == 'seen' then news = look(episode, fact)
  elseif fact.kind == 'held' then news = handOver(episode, fact, key)
  elseif fact.kind == 'gone' then news = lose(episode, fact)
  elseif episode.uid ~= '' and episode.uid == fact.former then
    noteTakenBack(episode, fact.former)
    point(episode, fact, fact.intent ~= episode.intent)
    news = true
  end
  return news and 'applied' or 'dropped'
end

-- Whom a look is about: a window may be bound to the object of another, which a lost store does not know any more, so the uid tells.
-- An ensure's answer is its own window's.
local function subjectOf(fact, key)
  if #fact.subject == 64 then return load(key, '') end
  if fact.kind == 'ensured' or fact.kind == 'held' then return windowAt(fact.subject) end
  local group = groups[string.sub(fact.subject, 1, 64)]
  return windowAt(group and redis.call('HGET', group.key, 'uid:' .. fact.uid) or fact.subject)
end

-- key: a fingerprint's record, that of the member where it is held.
local function applyFact(key, fact)
  local episode = subjectOf(fact, key)
  if not episode then return 'dropped', '0', fact.subject end
  if fact.requests then units.count('api-load', episode, fact.kind == 'ensured' and fact.requests or 0, fact.requests)
  elseif fact.kind == 'ensured' then units.untold('api-load', episode) end
  local kind = apply(episode, fact, key)
  if kind ~= 'dropped' then keep(episode) end
  return kind, occurrences(episode), episode.subject
end
