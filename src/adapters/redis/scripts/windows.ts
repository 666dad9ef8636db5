/** Defines `declareGroups`, `windowAt`, `windowOf`, `pointAt`, `openWindow`, `saveWindows`, `forgetWindow` over KEYS 7 windows, 8 buffered. Needs intents. */
export const windows = `
-- Groups whose keys were declared, and their windows as this call has them; all are saved when everything is decided.
local groups, windows, NEVER = {}, {}, 8.64e15
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

local function openWindow(subject, origin, rules)
  local window = create(groupOf(subject).key, string.sub(subject, 66) .. ':', subject, origin)
  fresh(window, 'waiting', '', 0)
  window.alertname, window.threshold, window.firstRequest = rules.alertname, rules.threshold, rules.firstRequest
  window.joinMs, window.maxMs, window.alertsMax = rules.joinMs, rules.maxMs, rules.alertsMax
  window.size, window.openedAt, window.dueAt, window.carried = 0, now, now + rules.firstRequest, 0
  window.listed, window.listedMembers, window.adoptedMembers, window.overAt = 0, 0, 0, 0
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

-- Forgets a window that is owed nothing and has no member left; else it is not swept again.
local function forgetWindow(window)
  if window.size > 0 then return end
  window.dueAt = nil
  if redis.call('ZSCORE', KEYS[3], markOf(window)) then return end
  closeIntent(window)
  pointAway(window.subject, 'buffering')
  pointAway(window.subject, 'joinable')
  redis.call('ZREM', KEYS[7], window.subject)
  redis.call('HDEL', window.key, 'uid:' .. window.uid, unpack(fieldsOf(WORDS, window.at)))
  redis.call('HDEL', window.key, unpack(fieldsOf(NUMBERS, window.at)))
  windows[window.subject] = false
end`;
