-- The states of a record: waiting, below its threshold; held, a member of a window; pending, its request is decided on; live, its request
-- is there; dead, its request is given up; ended, nothing stands for it. These tables say how people read them, and nothing else does.
--- @include "lib/time.lua"

-- Held is the state of a member whose window is lost: any other member is shown by its window's state.
local SHOWN = { waiting = 'buffered', held = 'ended', pending = 'pending', live = 'live', dead = 'dead', ended = 'ended' }

-- A dead episode is over with its letter.
local function shownState(state, letterAt)
  if state == 'dead' and now - tonumber(letterAt) >= DEAD_LETTER_LIFE_MS then return SHOWN.ended end
  return SHOWN[state]
end

local OPEN = { waiting = 'buffering', pending = 'pending', live = 'live', ended = 'ended' }
local OVER = { waiting = 'expired', pending = 'closed', live = 'closed', ended = 'ended' }
-- over: it takes no more alerts.
local function shownWindow(state, over) return (over and OVER or OPEN)[state] end
