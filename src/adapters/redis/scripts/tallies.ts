/** Defines `tally` and `takeAside` over KEYS 5 counters. Needs counters, deliveries and `source`. */
export const tallies = `
-- Alerts of a source that were decided alike.
local function tally(outcome, rung, by)
  bump('alerts_received', by)
  bump(table.concat({ 'outcome', source, outcome, rung }, ':'), by)
end

-- What a delivery brought beside its alerts (ARGV 14 to 17) counts once, in whichever of its calls comes first.
local function takeAside(id)
  if id == '' or seenEntry(id) then return end
  see(id, '', '', '', '')
  if ARGV[14] ~= '0' then tally('ignored', 'cache', ARGV[14]) end
  if ARGV[15] ~= '0' then bump('truncated_alerts', ARGV[15]) end
  if ARGV[16] ~= '0' then bump('unknown_severities', ARGV[16]) end
  if ARGV[17] == '1' then redis.call('HSET', KEYS[5], 'watchdog_seen', text(now)) end
end`;
