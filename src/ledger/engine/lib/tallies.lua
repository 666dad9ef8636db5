-- Alerts of a source that were decided alike.
--- @include "lib/counters.lua"
--- @include "lib/deliveries.lua"
--- @include "lib/flags.lua"
--- @include "lib/units.lua"
--- @uses source

local function tallyOf(whose, outcome, rung, by)
  bump('alerts_received', by)
  bump(table.concat({ 'outcome', whose, outcome, rung }, ':'), by)
end

-- Alerts by feature, with and without it; counted together when all of a call are decided.
local arms = {}
local function tallyArms(alert, outcome)
  for _, feature in ipairs(FEATURES) do
    local name = table.concat({ 'arm', feature, lacks(alert, feature) and 'off' or 'on', outcome }, ':')
    arms[name] = (arms[name] or 0) + 1
  end
end

-- What a process decided without the ledger counts once: its id, how many, and { source, outcome, alerts } of each, from this place on.
local function takeStrays(at)
  if ARGV[at] == '' or seenEntry(ARGV[at]) then return end
  see(ARGV[at], '', '', '', '')
  units.exclude()
  for i = at + 2, at + 1 + 3 * tonumber(ARGV[at + 1]), 3 do tallyOf(ARGV[i], ARGV[i + 1], 'direct', ARGV[i + 2]) end
end

-- What a delivery brought beside its alerts (ARGV 14 to 18) counts once, in whichever of its calls comes first.
local function takeAside(id)
  if id == '' or seenEntry(id) then return end
  see(id, '', '', '', '')
  if ARGV[14] ~= '0' then tallyOf(source, 'ignored', 'cache', ARGV[14]) end
  if ARGV[15] ~= '0' then bump('truncated_alerts', ARGV[15]) end
  if ARGV[16] ~= '0' then bump('unknown_severities', ARGV[16]) end
  if ARGV[17] ~= '0' then bump('unreadable_times', ARGV[17]) end
  if ARGV[18] == '1' then redis.pcall('HSET', KEYS[5], 'watchdog_seen', text(now)) end
end
