-- An alert that no live request stands for gets one: with its group's storm, with those of its group that wait, or by itself.
--- @include "lib/openings.lua"
--- @include "lib/standing.lua"
--- @include "lib/storms.lua"
--- @uses operation, lease, source, bounds

local reached, enter = {}, nil
do
  local opened = 0

  -- 32 hex: minted without randomness, so that a call sent twice opens the same windows.
  local function windowId()
    opened = opened + 1
    return string.sub(operation, 5) .. string.format('%04x', opened - 1)
  end

  local function buffer(former, alert, intent, why)
    local found = windowAt(pointerOf(alert.group, 'buffering'))
    local reaches = isStorm((found and found.size or 0) + 1, found or alert.rules)
    if not hasBufferRoom(alert.namespace) then
      local verdict, episode = open(former, alert, intent, 'buffer-full')
      if verdict[1] == 'ensure' then bump('buffer_bypasses', 1) end
      return verdict, episode
    end
    if reaches and not hasRoomFor(alert) then return FULL end
    local window = found or openWindow(alert.group .. '.' .. windowId(), alert.namespace, alert.rules)
    if not found then
      pointAt(window.subject, 'buffering')
      window.source = source
      window.passed = redis.call('HGET', window.key, 'passed') or ''
    end
    bump(found and 'buffer_hits' or 'buffer_misses', 1)
    local episode = joinIn(former, alert, window)
    if not reaches then return settled(episode, 'buffered', why or (found and 'window-joined' or 'window-opened'), 'cache') end
    aggregate(window, intent, now + lease)
    window.tries, reached[window] = 1, true
    return { 'ensure', 'threshold-reached', 'cache', occurrences(episode), intent, '', '', '', window.subject }, episode
  end

  -- An alert that fires again after its own resolve may be an old one that comes late, or the resolve was false. Nothing in it tells which.
  -- So it waits for another resolve, as long as others wait for their group. A window is due that long after the last that came in.
  local function await(former, alert, intent)
    if not hasBufferRoom(alert.namespace) then return open(former, alert, intent, 'buffer-full') end
    local window = windowAt(pointerOf(alert.group, 'again'))
    if not window or now - window.openedAt >= AGAIN_JOIN_MS or window.size >= window.alertsMax then
      -- Without rules no number of alerts makes a storm.
      local rules = alert.rules or { threshold = bounds.windowAlerts + 1, firstRequest = AGAIN_MS, joinMs = 0, alertname = alert.name,
        maxMs = bounds.windowMs, alertsMax = bounds.windowAlerts }
      window = openWindow(alert.group .. '.' .. windowId(), alert.namespace, rules)
      window.again, window.source = '1', source
      pointAt(window.subject, 'again')
    end
    window.dueAt = now + window.firstRequest
    return settled(joinIn(former, alert, window), 'buffered', 'fired-after-resolve', 'cache')
  end

  function enter(former, alert, intent, reason)
    if alert.again then return await(former, alert, intent) end
    if not alert.rules then return open(former, alert, intent, reason) end
    local storm = windowAt(pointerOf(alert.group, 'joinable'))
    if storm and now >= (storm.dueAt or now) then
      closeStorm(storm)
      storm = nil
    end
    local rung = storm and storm.state ~= 'pending' and standing(storm, alert)
    if rung == 'check' then return ask(storm) end
    if not storm or rung == 'unknown' then return buffer(former, alert, intent, nil) end
    if not hasPlace(storm) then
      closeStorm(storm)
      return buffer(former, alert, intent, 'window-full')
    end
    local episode = joinIn(former, alert, storm)
    storm.dueAt = joinsUntil(storm)
    bump('buffer_hits', 1)
    return settled(episode, 'appended', 'storm-joined', 'cache')
  end
end
