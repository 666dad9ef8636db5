-- Intents that are given up, and tried for again.
--- @include "lib/letters.lua"
--- @include "lib/forget-letters.lua"
--- @include "lib/intents.lua"
--- @include "lib/steps.lua"
--- @include "lib/counters.lua"

local LETTER_REASONS = { refused = 'request-refused', exhausted = 'retries-exhausted' }

-- Invalid alerts take no room away from requests, and no namespace takes all that its source has.
local function isFull(source, namespace)
  forgetLetters()
  return lettersIn('of:' .. source) - lettersIn('invalid:' .. source) >= DEAD_LETTERS_MAX
    or lettersIn('in:request:' .. source .. ':' .. namespace) >= DEAD_LETTERS_MAX / NAMESPACE_SHARE
end

-- Gives the open intent of a fingerprint up: it becomes a dead letter, which one that it has already turns into. False: its source or
-- its namespace has no room.
local function die(episode, kind, trouble)
  if not hasLetter(episode) and isFull(episode.source, episode.origin) then return false end
  closeIntent(episode)
  -- It was tried for again beside its letter.
  if dropLetter(episode) then bump('settled:dead-letter', 1) end
  episode.state, episode.letter, episode.trouble, episode.letterAt, episode.diedAt = 'dead', kind, trouble, now, now
  indexLetter(letterOf(episode))
  note(episode, 'dead-lettered', LETTER_REASONS[kind], '', '', '')
  return true
end

-- Tries again under the same intent: an object that was made for it unheard is found.
local function reopen(episode, due)
  episode.state, episode.tries = 'pending', 1
  openIntent(episode, due, now)
  bump('owed', 1)
end
