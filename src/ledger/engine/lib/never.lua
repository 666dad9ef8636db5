-- A time that never comes, in Unix ms: the last one that JavaScript's Date knows.
local NEVER = 8.64e15
