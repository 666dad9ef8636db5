/** Defines `holds` and `noteTakenBack`. Needs counters. */
export const collisions = `
-- An episode's takenBack and a fact's former are uids with commas between them.
local function holds(list, uid) return string.find(',' .. list .. ',', ',' .. uid .. ',', 1, true) ~= nil end

-- An object of the intent that was deleted again, whoever tells of it first.
local function noteTakenBack(episode, uid)
  if holds(episode.takenBack, uid) then return end
  episode.takenBack = episode.takenBack == '' and uid or episode.takenBack .. ',' .. uid
  bump('collisions', 1)
end`;
