-- Forgets a dead letter, and stops trying for its request. Sent twice, it leaves the state of one. O(1).
-- KEYS  1 intents  2 intentsOf  3 counts  4 sealed  5 counters  6 intentsSince  7 windows  8 buffered  9 letters
--       10 intentTurns  11 intentsServed  12 countTurns  13 countsServed,
--       then its letter and its episode
-- ARGV  1 virtual now or ''  2 caller's now  3 its id
-- Reply 1 where there was one, else 0
--- @include "lib/letter-by-id.lua"
--- @include "lib/dead-episodes.lua"
--- @include "lib/counts.lua"

local invalid, episode = invalidLetter(ARGV[3]), deadEpisode()
if invalid then
  unindexLetter(invalid)
  redis.call('DEL', letterKey)
elseif episode then
  closeIntent(episode)
  dropLetter(episode)
  episode.state = 'ended'
  note(episode, 'letter-discarded', '', '', '', '')
  keep(episode)
end
return (invalid or episode) and '1' or '0'
