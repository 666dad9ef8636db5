-- Opens the intent of a dead letter again, due now, for another day; one that is open stays as it is. O(1).
-- KEYS  1 intents  2 intentsOf  3 counts  4 sealed  5 counters  6 intentsSince  7 windows  8 buffered  9 letters
--       10 intentTurns  11 intentsServed  12 countTurns  13 countsServed  14 invalidLetters  15 flags  16 canary,
--       then its former hash and its episode
-- ARGV  1 virtual now or ''  2 caller's now  3 its id  4 intents max
-- Reply opened | full | invalid | unknown
--- @include "lib/letter-by-id.lua"
--- @include "lib/dead-episodes.lua"
--- @include "lib/counts.lua"

if invalidById(1, ARGV[3]) then return 'invalid' end
local episode = deadEpisode(1)
if not episode then return 'unknown' end
if episode.state == 'dead' then
  if not hasIntentRoom(episode.origin, episode.source, tonumber(ARGV[4]), tonumber(ARGV[4])) then return 'full' end
  reopen(episode, now)
end
if not episode.replayedAt then
  note(episode, 'letter-replayed', '', '', '', '')
  episode.replayedAt = now
end
keep(episode)
return 'opened'
