-- A dead letter by its id: that of an invalid alert, or that in the episode of a request that could not be made.
--- @include "lib/letters.lua"
--- @include "lib/episodes.lua"
--- @include "lib/shared-keys.lua"

local letterKey, episodeKey = KEYS[SHARED_KEY_COUNT + 1], KEYS[SHARED_KEY_COUNT + 2]
-- The letter of an invalid alert as it stands in the index; nil: there is none.
local function invalidLetter(id)
  local held = redis.call('HMGET', letterKey, 'source', 'first', 'last')
  if not isKept(tonumber(held[3] or '')) then return nil end
  return { id = id, kind = 'invalid', source = held[1], first = tonumber(held[2]), last = tonumber(held[3]) }
end
local function deadEpisode()
  local episode = load(episodeKey, '')
  return episode and hasLetter(episode) and episode or nil
end
