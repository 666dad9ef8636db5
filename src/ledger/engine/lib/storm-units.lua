-- The units that a storm is.
--- @include "lib/units.lua"

local storms = {}
do
  -- A share of its members, measured by that of a storm of five: a smaller threshold allows no better one.
  local function count(name, window, part, whole)
    units.count(name, window, 1, math.min(1, part / whole * 0.2 / math.max(0.2, 1 / window.threshold)))
  end

  -- The window of its group that ended below the threshold before it: since when it was open, when it ended, and how many it held.
  local function before(window)
    local since, at, size = string.match(window.passed, '^(%d+)|(%d+)|(%d+)$')
    return tonumber(since) or 0, tonumber(at) or 0, tonumber(size) or 0
  end

  -- Some time after its last member: how many are not in its object.
  function storms.listing(window)
    local isStorm = window.state == 'live' or window.state == 'pending'
    if not isStorm or window.size <= 0 or now - (window.joinedAt or now) < LISTED_WITHIN_MS then return end
    local through = window.state == 'live' and math.max(window.carried, window.listed) or 0
    units.count('aggregation', window, 1, math.min(1, math.max(0, window.seq - through) / window.size))
    window.joinedAt = nil
  end

  -- It takes no more alerts.
  function storms.closed(window)
    local apart, _, at, size = window.apart or 0, before(window)
    local members = window.size + window.adoptedMembers + apart
    if members <= 0 then return end
    if at <= window.openedAt - window.firstRequest then size = 0 end
    count('cost-reduction', window, 1 + apart, members)
    count('buffer-hits', window, 1 + size, members + size)
  end

  -- Its members get requests of their own.
  function storms.dissolved(window)
    if window.size > 0 then count('cost-reduction', window, 1, 1) end
  end

  function storms.reached(window)
    local _, at = before(window)
    units.count('expirations', window, 1, at > now - 2 * window.firstRequest and 1 or 0)
  end

  -- With those of the window before it may have reached the threshold within twice the buffering time.
  function storms.expired(window)
    local since, _, size = before(window)
    local isOne = since > (window.joinedAt or now) - 2 * window.firstRequest and size + window.size >= window.threshold
    if isOne then units.count('expirations', window, 1, 1) end
    redis.call('HSET', window.key, 'passed', table.concat({ text(window.openedAt), text(now), text(window.size) }, '|'))
  end
end
