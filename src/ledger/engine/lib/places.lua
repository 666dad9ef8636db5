-- A member's place in its window as text that sorts like the number.
local function place(seq) return string.format('%09d', seq) end
