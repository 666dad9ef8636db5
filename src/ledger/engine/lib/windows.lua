-- Groups whose keys were declared, and their windows as this call has them; all are saved when everything is decided.
--- @include "lib/episodes.lua"
--- @include "lib/never.lua"

local groups, windows = {}, {}
local function declareGroups(count, firstArg, firstKey)
  for i = 0, count - 1 do
    groups[ARGV[firstArg + i]] = { key = KEYS[firstKey + 2 * i], members = KEYS[firstKey + 2 * i + 1] }
  end
end
local function groupOf(subject) return groups[string.sub(subject, 1, 64)] end

local function windowAt(subject)
  if not subject or subject == '' then return nil end
  if windows[subject] == nil then
    local group = groupOf(subject)
    windows[subject] = group and load(group.key, string.sub(subject, 66) .. ':') or false
  end
  return windows[subject] or nil
end

-- The window whose request stands for a member; nil where the episode has one of its own, or the window is lost.
local function windowOf(episode) return episode.state == 'held' and windowAt(episode.window) or nil end

-- A group names the window below its threshold that takes alerts (buffering) and the storm that does (joinable).
local function pointerOf(id, which) return redis.call('HGET', groups[id].key, which) or nil end
local function pointAt(subject, which) redis.call('HSET', groupOf(subject).key, which, subject) end
local function pointAway(subject, which)
  local key = groupOf(subject).key
  if redis.call('HGET', key, which) == subject then redis.call('HDEL', key, which) end
end

-- As many different alerts as make a storm. The rules of a window are those under which it was opened.
local function isStorm(size, rules) return size >= rules.threshold end

local function openWindow(subject, origin, rules)
  local window = create(groupOf(subject).key, string.sub(subject, 66) .. ':', subject, origin)
  fresh(window, 'waiting', '', 0)
  window.alertname, window.threshold, window.firstRequest = rules.alertname, rules.threshold, rules.firstRequest
  window.joinMs, window.maxMs, window.alertsMax = rules.joinMs, rules.maxMs, rules.alertsMax
  window.openedAt, window.dueAt, window.overAt, window.size, window.carried = now, now + rules.firstRequest, 0, 0, 0
  window.listed, window.listedMembers, window.adoptedMembers = 0, 0, 0
  windows[subject] = window
  return window
end

local function saveWindows()
  for subject, window in pairs(windows) do
    if window then
      write(window)
      redis.call('ZADD', KEYS[7], window.dueAt and text(window.dueAt) or text(NEVER), subject)
    end
  end
end
