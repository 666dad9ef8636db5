-- An episode's takenBack and lost and a fact's former are uids with commas between them.
--- @include "lib/counters.lua"
--- @include "lib/units.lua"

local function holds(list, uid) return string.find(',' .. list .. ',', ',' .. uid .. ',', 1, true) ~= nil end

-- An object of the intent that was deleted again, whoever tells of it first.
local function noteTakenBack(episode, uid)
  if holds(episode.takenBack, uid) then return end
  episode.takenBack = episode.takenBack == '' and uid or episode.takenBack .. ',' .. uid
  bump('collisions', 1)
  units.count('collisions', episode, 1, 1)
end

-- An object that went or ended while an ensure had not answered; false: it is known, or one of more than anybody needs.
local function noteLost(episode, uid)
  local _, known = string.gsub(episode.lost, '[^,]+', '')
  if holds(episode.lost, uid) or known >= LOST_MAX then return false end
  episode.lost = known == 0 and uid or episode.lost .. ',' .. uid
  return true
end
