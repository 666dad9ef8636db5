import { SESSION_ALIVE_MS, VOUCHED_MAX_MS } from "../../../domain/ledger-limits.ts";

/** Defines `settled`, `counted`, `open` and `judgeResolved`. Needs facts and deliveries. */
export const judgements = `
-- Verdicts: verdict, reason, rung, occurrences, intent, namespace, name, uid.
local function settled(episode, outcome, reason, rung)
  if not episode then return { outcome, reason, rung, '0', '', '', '', '' } end
  return { outcome, reason, rung, occurrences(episode), '', episode.ns, episode.name, episode.uid }
end

-- By how much an event's own count has grown; the first sight of a uid is 1.
local function growth(episode, alert)
  local known = tonumber(redis.call('HGET', episode.key, 'events:' .. alert.eventUid) or '')
  return known and math.max(0, alert.eventCount - known) or 1
end

-- An alert counts once a delivery, however many instances of its fingerprint that brings; an event by its growth.
local function increase(episode, alert)
  if alert.eventUid ~= '' then return growth(episode, alert) end
  if not alert.shared then return 1 end
  if seenEntry(alert.counted) then return 0 end
  see(alert.counted, '', '', '', '')
  return 1
end

-- Notes who fires, and what a request would be made from if this one ended before the alert came in.
local function fire(episode, alert)
  if not remember(episode, 'firing', alert.instance, text(alert.startsAt)) then episode.overflow = '1' end
  if alert.eventUid ~= '' then remember(episode, 'events', alert.eventUid, text(alert.eventCount)) end
  redis.call('HSET', episode.key, 'draft', alert.body)
end

local function counted(episode, alert, reason, rung)
  episode.count = episode.count + increase(episode, alert)
  episode.last, episode.resolvedAt = now, nil
  fire(episode, alert)
  queueCount(episode)
  keep(episode)
  bump('deduplication_hits', 1)
  return settled(episode, 'duplicate', reason, rung)
end

local function open(former, alert, intent, reason)
  local held = tonumber(redis.call('HGET', KEYS[2], alert.namespace) or '0')
  if redis.call('ZCARD', KEYS[1]) >= intentsMax or held >= intentsMax / namespaceShare then return { 'full', '', '', '', '', '', '', '' } end
  local episode = former or create(alert.key, alert.fingerprint, alert.namespace)
  begin(episode, intent, math.max(1, increase(episode, alert)), now + lease)
  episode.tries = 1
  fire(episode, alert)
  keep(episode)
  bump('deduplication_misses', 1)
  return { 'ensure', reason, 'cache', occurrences(episode), intent, '', '', '' }
end`;

/** Defines `judge` for a firing or resolved alert. Needs judgements. */
export const judge = `
local function judgeResolved(alert)
  local episode = load(alert.key)
  if not episode then return settled(nil, 'ignored', 'no-request', 'cache') end
  local firingSince = tonumber(redis.call('HGET', episode.key, 'firing:' .. alert.instance) or '')
  -- The same instance has fired again already; this resolve speaks of the time before.
  if firingSince and firingSince > alert.startsAt then return settled(episode, 'ignored', 'late', 'cache') end
  if firingSince then
    redis.call('HDEL', episode.key, 'firing:' .. alert.instance)
    episode.firing = episode.firing - 1
  end
  remember(episode, 'resolved', alert.instance, text(alert.startsAt) .. '|' .. text(now))
  local last = episode.firing == 0 and episode.overflow == ''
  if last then
    episode.resolvedAt = episode.resolvedAt or now
    queueCount(episode)
  end
  keep(episode)
  if last then return settled(episode, 'resolved', 'last-instance-resolved', 'cache') end
  return settled(episode, 'ignored', 'other-instances-firing', 'cache')
end

-- A watch that is alive would have told of any change; the bound heals what nobody thought of.
local function vouchedFor(episode)
  local heartbeat = episode.session ~= '' and tonumber(redis.call('HGET', KEYS[10], episode.session) or '')
  return heartbeat and now - heartbeat < ${SESSION_ALIVE_MS} and now - episode.checkedAt < ${VOUCHED_MAX_MS}
end

local asking = {}
local function judgeByState(episode, alert)
  if told[alert.fingerprint] then return counted(episode, alert, 'request-live', 'kubernetes') end
  local mine, vouched = asking[alert.fingerprint], vouchedFor(episode)
  if vouched or now - episode.checkedAt < stateTtl or (now < episode.checkUntil and not mine) then
    bump('state_cache_hits', 1)
    return counted(episode, alert, 'request-live', vouched and 'relay' or 'cache')
  end
  if not mine then bump('state_cache_misses', 1) end
  asking[alert.fingerprint] = true
  episode.checkUntil = now + lease
  keep(episode)
  return { 'check', '', '', '', '', episode.ns, episode.name, episode.uid }
end

local function judgeFiring(alert, intent)
  local episode = load(alert.key)
  if not episode then return open(nil, alert, intent, 'new') end
  local startsAt, at = string.match(redis.call('HGET', episode.key, 'resolved:' .. alert.instance) or '', '^(-?%d+)|(%d+)$')
  if at and tonumber(startsAt) >= alert.startsAt and now - tonumber(at) < deliveryTtl then return settled(episode, 'ignored', 'late', 'cache') end
  if alert.eventUid ~= '' and growth(episode, alert) == 0 then
    return settled(episode, episode.state == 'ended' and 'ignored' or 'duplicate', 'event-already-counted', 'cache')
  end
  if episode.state == 'pending' then return counted(episode, alert, 'request-pending', 'cache') end
  if episode.state == 'ended' then return open(episode, alert, intent, 'request-ended') end
  if stateBased and not alert.unreachable then return judgeByState(episode, alert) end
  if now - episode.intentAt < fallbackTtl then return counted(episode, alert, 'within-fallback-time', 'time') end
  return open(episode, alert, intent, 'state-unknown')
end`;
