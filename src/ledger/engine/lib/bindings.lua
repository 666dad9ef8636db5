-- A request was decided on and is not there yet, as far as is known: also one that was given up may have been made unheard.
--- @include "lib/looks.lua"
--- @include "lib/collisions.lua"
--- @include "lib/letters.lua"

local function isOwed(episode) return episode.state == 'pending' or episode.state == 'dead' end

-- How long alerts wait for their requests: how many within each bound, in seconds, and the ms of all.
local function noteWait(record)
  local kind, ms, within = record.at == '' and 'lone' or 'storm', math.max(0, now - record.first), 'more'
  for _, bound in ipairs({ 3600, 600, 300, 120, 90, 60, 50, 45, 30, 20, 10, 5, 1 }) do
    if ms <= bound * 1000 then within = bound end
  end
  bump(table.concat({ 'waited', kind, within }, ':'), 1)
  bump('waited:' .. kind .. ':ms', text(ms))
end

local function bind(episode, fact, found)
  closeIntent(episode)
  accept(INTENTS, episode.origin)
  if episode.state == 'pending' then bump('settled:request', 1) end
  if dropLetter(episode) then bump('settled:request', 1) end
  noteWait(episode)
  bump(found and 'requests_found' or 'requests_created', 1)
  if episode.at ~= '' and not found then bump('storms_created', 1) end
  if not found then units.count('collisions', episode, 1, 0) end
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
  local count, first, last, resolvedAt, urgency = member.count, member.first, member.last, member.resolvedAt, member.urgency
  leave(member)
  if window.state == 'waiting' then bump('settled:request', 1) end
  fresh(member, 'live', heldIntent(fact.intent, fact.fingerprint), count)
  member.first, member.last, member.resolvedAt, member.urgency, member.confirmed = first, last, resolvedAt, urgency, '1'
  -- Nobody saw it live since.
  if fact.ended then member.intentAt = window.intentAt end
  bump('requests_found', 1)
  point(member, fact, true)
  note(member, 'request-found', '', '', member.ns, member.name)
  keep(member)
  window.apart = (window.apart or 0) + 1
  -- Those that joined since its intent was written are what is left to make a request for.
  local id = string.sub(window.subject, 66)
  local from, to = '[' .. id .. ':', '(' .. id .. ':' .. place(window.carried + 1) .. ':'
  local carried = redis.call('ZRANGEBYLEX', groupOf(window.subject).members, from, to, 'LIMIT', 0, 1)
  if #carried == 0 then carry(window) end
  if window.state == 'pending' then forgetWindow(window) end
  return true
end
