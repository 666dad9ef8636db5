-- The dead letter of an intent lies in its episode's record: letter (its kind), trouble (why), letterAt (last seen), diedAt (last given
-- up).
--- @include "lib/letter-index.lua"

local function letterOf(episode)
  return { id = episode.subject, kind = episode.letter, source = episode.source, namespace = episode.origin, first = episode.first,
    last = episode.letterAt }
end
local function hasLetter(episode) return episode.letter ~= '' and isKept(episode.letterAt) end

-- Whether people could still find it.
local function dropLetter(episode)
  if episode.letter == '' then return false end
  local stood = unindexLetter(letterOf(episode), true)
  episode.letter, episode.trouble, episode.letterAt, episode.diedAt, episode.replayedAt = '', '', nil, nil, nil
  return stood
end

local function touchLetter(episode)
  unindexLetter(letterOf(episode), false)
  episode.letterAt = now
  indexLetter(letterOf(episode))
end
