import { SIGHT_AGE_MAX_MS } from "../../../domain/ledger-limits.ts";

/** Defines `factAt`, `finish`, `point`. Needs record rules and versions. */
export const facts = `
-- What was seen of an object, and what that does to the record that is bound to it.
local FACT_FIELDS = 20
local function factAt(start)
  return { kind = ARGV[start], subject = ARGV[start + 1], intent = ARGV[start + 2], outcome = ARGV[start + 3], ns = ARGV[start + 4],
    name = ARGV[start + 5], uid = ARGV[start + 6], rv = ARGV[start + 7], ended = ARGV[start + 8] == '1',
    endedAt = tonumber(ARGV[start + 9]), others = tonumber(ARGV[start + 10]) or 0, session = ARGV[start + 11], former = ARGV[start + 12],
    shown = ARGV[start + 13], shownResolvedAt = tonumber(ARGV[start + 14]), ago = tonumber(ARGV[start + 15]),
    shownMembers = tonumber(ARGV[start + 16]) or 0, adoptedAt = tonumber(ARGV[start + 17]), adoptedMembers = tonumber(ARGV[start + 18]),
    fingerprint = ARGV[start + 19] }
end

-- Which of a storm's members nobody has worked on, the sweep finds, a part at a time. An alert of its own that fired after the end was counted
-- on a request nobody works on any more: it gets a new intent, due at once.
-- What was seen may be old when it is told, so an end of before is believed as far back as that can be.
local function finish(episode, endedAt)
  local seenLive = episode.liveAt or episode.checkedAt or 0
  local floor = math.max(seenLive - ${SIGHT_AGE_MAX_MS}, episode.found == '' and episode.intentAt or 0)
  local over = endedAt and math.min(now, math.max(floor, endedAt)) or seenLive
  episode.state = 'ended'
  if episode.gone == '' then note(episode, 'request-ended', '', '', episode.ns, episode.name) end
  if episode.at ~= '' then
    pointAway(episode.subject, 'joinable')
    episode.overAt, episode.dueAt = over, now
  elseif episode.last > over and not episode.resolvedAt then
    begin(episode, nextIntent(episode.intent), 1, now)
  end
end

-- Binds the record to the fact's object.
local function point(episode, fact, found)
  episode.ns, episode.name, episode.uid, episode.rv = fact.ns, fact.name, fact.uid, fact.rv
  episode.found, episode.gone, episode.state = found and '1' or '', '', 'live'
  if fact.session ~= '' then episode.session = fact.session end
  -- Nobody can have seen it live before the intent was written; whoever ensured it may have seen it long before it tells.
  episode.checkedAt = fact.ended and episode.intentAt or math.max(episode.intentAt, now - (fact.ago or 0))
  episode.liveAt = episode.intentAt
  -- An object made for this intent shows it as 1 without a write.
  episode.others, episode.written, episode.writtenResolvedAt = fact.others, found and 0 or 1, nil
  if episode.at ~= '' then redis.call('HSET', episode.key, 'uid:' .. fact.uid, episode.subject) end
  queueCount(episode)
  if fact.ended then finish(episode, fact.endedAt) end
end`;

/** Defines `look`. Needs facts. */
export const looks = `
-- An object that shows less than was written is owed it again: a full status update erases fields its writer does not know.
local function believe(episode, fact)
  local at = string.find(',' .. fact.shown, ',' .. episode.intent .. '=', 1, true)
  local count = at and tonumber(string.match(fact.shown, '^%d+', at + #episode.intent + 1)) or 0
  episode.written = math.min(episode.written or 0, count)
  if not fact.shownResolvedAt then episode.writtenResolvedAt = nil end
  if episode.at ~= '' and fact.shownMembers < episode.listedMembers then
    episode.listed, episode.listedMembers, episode.showsClosed = 0, fact.shownMembers, ''
  end
  queueCount(episode)
end

-- Only a watch that has followed the request since it was last seen knows that it was live until it heard of the end.
local function heardOf(episode, fact)
  return fact.ago and fact.session ~= '' and fact.session == episode.session and now - fact.ago or nil
end

local function look(episode, fact)
  if episode.uid == '' or episode.uid ~= fact.uid or not atLeast(fact.rv, episode.rv) then return false end
  local heardAt = heardOf(episode, fact)
  episode.rv = fact.rv
  if fact.session ~= '' then episode.session = fact.session end
  if fact.shown == '-' then episode.confirmed = '1' else believe(episode, fact) end
  if episode.state ~= 'live' then return true end
  episode.checkUntil = 0
  if fact.ended then
    finish(episode, fact.endedAt or heardAt)
    return true
  end
  local seenAt = now - (fact.ago or 0)
  episode.checkedAt, episode.liveAt = math.max(episode.checkedAt, seenAt), math.max(episode.liveAt or 0, seenAt)
  return true
end`;

/** Defines `bind`, `ensured` and `handOver`. Needs looks and collisions. */
export const bindings = `
-- A request was decided on and is not there yet, as far as is known: also one that was given up may have been made unheard.
local function isOwed(episode) return episode.state == 'pending' or episode.state == 'dead' end

local function bind(episode, fact, found)
  closeIntent(episode)
  dropLetter(episode)
  bump(found and 'requests_found' or 'requests_created', 1)
  if episode.at ~= '' and not found then bump('storms_created', 1) end
  note(episode, found and 'request-found' or 'request-created', '', '', fact.ns, fact.name)
  point(episode, fact, found)
end

-- The window goes on where the group's storm of before was: at its age, with its members beside its own, which that one does not list yet.
local function adopt(window, fact)
  window.openedAt = math.min(window.openedAt, fact.adoptedAt)
  window.dueAt = window.dueAt and math.min(window.dueAt, window.openedAt + window.maxMs)
  window.adoptedMembers, window.carried = fact.adoptedMembers, 0
end

local function ensured(episode, fact)
  local pending, same = isOwed(episode), episode.uid == fact.uid
  local moves = episode.uid ~= '' and (episode.gone ~= '' or holds(fact.former, episode.uid))
  if episode.intent ~= fact.intent or not (pending or same or moves) then return 'dropped' end
  episode.confirmed = '1'
  for uid in string.gmatch(fact.former, '[^,]+') do noteTakenBack(episode, uid) end
  if pending and fact.adoptedAt then adopt(episode, fact) end
  if pending then bind(episode, fact, fact.outcome == 'existing')
  elseif same then look(episode, fact)
  else point(episode, fact, fact.outcome == 'existing') end
  return 'bound'
end

-- Names the episode of a member that another request holds, by the intent of the window that it left.
local function heldIntent(intent, fingerprint) return intent .. ':' .. string.sub(fingerprint, 1, 16) end

-- A member of a window belongs to another live request, as its ensure found.
local function handOver(window, fact, key)
  local member = load(key, '')
  if window.at == '' or window.intent ~= fact.intent or not member or windowOf(member) ~= window then return false end
  local count, first, last, resolvedAt = member.count, member.first, member.last, member.resolvedAt
  leave(member)
  fresh(member, 'live', heldIntent(fact.intent, fact.fingerprint), count)
  member.first, member.last, member.resolvedAt, member.confirmed = first, last, resolvedAt, '1'
  bump('requests_found', 1)
  point(member, fact, true)
  note(member, 'request-found', '', '', member.ns, member.name)
  keep(member)
  -- Those that joined since its intent was written are what is left to make a request for.
  local id = string.sub(window.subject, 66)
  local carried = redis.call('ZRANGEBYLEX', groupOf(window.subject).members, '[' .. id .. ':', '(' .. id .. ':' .. place(window.carried + 1) .. ':', 'LIMIT', 0, 1)
  if #carried == 0 then carry(window) end
  if window.state == 'pending' then forgetWindow(window) end
  return true
end`;

/** Defines `applyFact`: bound, applied or dropped. Needs bindings and `lease`. */
export const applyFact = `
-- One rule for whatever is learnt: the answer of an ensure, or a look at the object made for it, binds a pending record of that intent; a
-- bound one takes news of the same uid at the same or a higher resourceVersion, and moves only where its object was taken back; gone is final
-- for its uid, but for one whose ensure has not answered; anything else says nothing new and is dropped.
local function lose(episode, fact)
  if episode.state == 'pending' then return noteLost(episode, fact.uid) end
  if episode.uid ~= fact.uid or episode.gone ~= '' then return false end
  local owed = redis.call('ZREM', KEYS[3], markOf(episode)) == 1
  if episode.state == 'live' and episode.confirmed == '' then
    -- Its ensure has not answered: it may have taken the object back, and will say what stays.
    episode.state, episode.ns, episode.name, episode.uid, episode.rv = 'pending', '', '', '', ''
    noteLost(episode, fact.uid)
    openIntent(episode, now + lease, episode.intentAt)
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
  if fact.kind == 'seen' and isOwed(episode) and fact.intent == episode.intent then bind(episode, fact, false) return 'bound' end
  local news
  if fact.kind == 'seen' then news = look(episode, fact)
  elseif fact.kind == 'held' then news = handOver(episode, fact, key)
  elseif fact.kind == 'gone' then news = lose(episode, fact)
  elseif episode.uid ~= '' and episode.uid == fact.former then
    noteTakenBack(episode, fact.former)
    point(episode, fact, fact.intent ~= episode.intent)
    news = true
  end
  return news and 'applied' or 'dropped'
end

-- Whom a look is about: a window may be bound to the object of another, which a lost store does not know any more, so the uid tells. An ensure's
-- answer is its own window's.
local function recordOf(fact, key)
  if #fact.subject == 64 then return load(key, '') end
  if fact.kind == 'ensured' or fact.kind == 'held' then return windowAt(fact.subject) end
  local group = groups[string.sub(fact.subject, 1, 64)]
  return windowAt(group and redis.call('HGET', group.key, 'uid:' .. fact.uid) or fact.subject)
end

-- key: a fingerprint's record, that of the member where it is held.
local function applyFact(key, fact)
  local episode = recordOf(fact, key)
  if not episode then return 'dropped', '0', fact.subject end
  local kind = apply(episode, fact, key)
  if kind ~= 'dropped' then keep(episode) end
  return kind, occurrences(episode), episode.subject
end`;
