-- Whose turn it is. An index tells of each thing when it is due. Beside it the same things stand by namespace, in a set of one score, as
-- <namespace>:<0 due at once, 1 later>:<due>:<thing>, and the namespaces by when each is next served. One that Kubernetes refuses stands
-- there as !<namespace>, whether or not as itself, and is served one thing at a time. The index is what holds: what does not stand there
-- is forgotten here when its turn comes, and what stands only there, as a former version leaves it, is found by its age.
--- @include "lib/time.lua"
--- @include "lib/never.lua"

local INTENTS = { index = KEYS[1], turns = KEYS[10], served = KEYS[11] }
local COUNTS = { index = KEYS[3], turns = KEYS[12], served = KEYS[13] }

local function turnOf(namespace, class, due, thing) return table.concat({ namespace, class, moment(due), thing }, ':') end

local function serveBy(queue, namespace, due) redis.call('ZADD', queue.served, 'LT', text(due), namespace) end

-- Tells when it was due; nil where it was not there.
local function dropTurn(queue, namespace, thing)
  local due = tonumber(redis.call('ZSCORE', queue.index, thing) or '')
  if not due then return nil end
  redis.call('ZREM', queue.index, thing)
  redis.call('ZREM', queue.turns, turnOf(namespace, 0, due, thing), turnOf(namespace, 1, due, thing))
  return due
end

-- Makes a thing due then. Tells when it was due before, nil where it was not there.
local function setTurn(queue, namespace, thing, due)
  local former = dropTurn(queue, namespace, thing)
  redis.call('ZADD', queue.index, text(due), thing)
  redis.call('ZADD', queue.turns, 0, turnOf(namespace, due > now and 1 or 0, due, thing))
  serveBy(queue, namespace, due)
  return former
end

local function firstDue(queue, namespace)
  local first
  for class = 0, 1 do
    local from, to = '[' .. namespace .. ':' .. class .. ':', '(' .. namespace .. ':' .. class .. ';'
    local name = redis.call('ZRANGEBYLEX', queue.turns, from, to, 'LIMIT', 0, 1)[1]
    if name then first = math.min(first or NEVER, tonumber(string.match(name, '^[^:]*:.:(%d+)'))) end
  end
  return first
end

-- Serves a namespace when its first thing is due; where it has none, not at all.
local function serveNext(queue, namespace)
  local first = firstDue(queue, namespace)
  if first then redis.call('ZADD', queue.served, text(math.max(now, first)), namespace)
  else redis.call('ZREM', queue.served, namespace, '!' .. namespace) end
end

-- Kubernetes refuses whatever belongs to this namespace: one try at a time finds out when that is over.
local function refuse(queue, namespace)
  redis.call('ZREM', queue.served, namespace)
  redis.call('ZADD', queue.served, text(now + NAMESPACE_RETRY_MS), '!' .. namespace)
end

local function accept(queue, namespace)
  if redis.call('ZREM', queue.served, '!' .. namespace) == 1 then redis.call('ZADD', queue.served, text(now), namespace) end
end
