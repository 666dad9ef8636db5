-- Counts on the dead letter. One alert each DEAD_RETRY_MS tries for the request again.
--- @include "lib/judgements.lua"
--- @include "lib/dead-episodes.lua"
--- @uses operation, lease, bounds

local function judgeDead(episode, alert)
  local verdict = counted(episode, alert, 'quarantined', LETTER_REASONS[episode.letter], 'cache')
  touchLetter(episode)
  local hasRoom = hasIntentRoom(episode.origin, episode.source, bounds.intents, bounds.intentsOfSource)
  if now - episode.diedAt < DEAD_RETRY_MS or not hasRoom then return verdict, episode end
  reopen(episode, now + lease)
  episode.retriedBy = operation
  return { 'ensure', 'request-retried', 'cache', occurrences(episode), episode.intent, '', '', '', episode.subject }, episode
end
