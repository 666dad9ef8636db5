-- Forgets dead letters, those that are what the caller means, and stops trying for their requests. Sent twice, it leaves the state of
-- one. O(letters).
-- KEYS  1 intents  2 intentsOf  3 counts  4 sealed  5 counters  6 intentsSince  7 windows  8 buffered  9 letters
--       10 intentTurns  11 intentsServed  12 countTurns  13 countsServed  14 invalidLetters  15 flags  16 canary,
--       then per letter its former hash and its episode
-- ARGV  1 virtual now or ''  2 caller's now  3 kind or ''  4 source or ''  5 last seen before or ''  6 its count or '', then their ids
-- Reply how many are forgotten
--- @include "lib/letter-by-id.lua"
--- @include "lib/forget-letters.lua"
--- @include "lib/dead-episodes.lua"
--- @include "lib/counts.lua"
--- @include "lib/counters.lua"

local kind, source, before, count = ARGV[3], ARGV[4], tonumber(ARGV[5]), tonumber(ARGV[6])
local FIRST_ID, discarded = 7, 0

local function isMeant(letter)
  return (kind == '' or letter.kind == kind) and (source == '' or letter.source == source)
    and not (before and letter.last >= before) and not (count and letter.count ~= count)
end

local function discardEpisode(episode)
  closeIntent(episode)
  if episode.state == 'pending' then bump('settled:discarded', 1) end
  if dropLetter(episode) then bump('settled:discarded', 1) end
  episode.state = 'ended'
  note(episode, 'letter-discarded', '', '', '', '')
  keep(episode)
end

for at = FIRST_ID, #ARGV do
  local i = at - FIRST_ID + 1
  local invalid = invalidById(i, ARGV[at])
  local episode = not invalid and deadEpisode(i)
  if invalid and isMeant(invalid) then
    removeLetter(invalid, 'discarded')
    redis.call('DEL', formerKeyOf(i))
    discarded = discarded + 1
  elseif episode and isMeant(letterOf(episode)) then
    discardEpisode(episode)
    discarded = discarded + 1
  end
end
return text(discarded)
