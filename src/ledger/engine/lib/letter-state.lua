-- A dead episode is over with its letter.
--- @include "lib/time.lua"

local function stateOf(state, letterAt)
  if state == 'dead' and now - tonumber(letterAt) >= DEAD_LETTER_LIFE_MS then return 'ended' end
  return state
end
