-- A count of occurrences, as far as counts go.
local function capped(count) return math.min(count, OCCURRENCES_MAX) end
