-- A dead letter by its id: that of an invalid alert, or that in the episode of a request that could not be made.
--- @include "lib/letters.lua"
--- @include "lib/invalid-letters.lua"
--- @include "lib/former-letters.lua"
--- @include "lib/episodes.lua"
--- @include "lib/shared-keys.lua"

-- The keys of each letter, from the first on: what the version before would keep it in, and its episode.
local function formerKeyOf(i) return KEYS[SHARED_KEY_COUNT + 2 * i - 1] end
local function invalidById(i, id)
  local letter = invalidLetter(id) or formerLetter(id, formerKeyOf(i))
  return letter and isKept(letter.last) and letter or nil
end
local function deadEpisode(i)
  local episode = load(KEYS[SHARED_KEY_COUNT + 2 * i], '')
  return episode and hasLetter(episode) and episode or nil
end
