-- What admit would answer if it were called now: it decides as admit does, and none of its writes reaches the ledger. O(alerts + facts).
-- KEYS   admit's
-- ARGV   admit's
-- Reply  admit's

--- @include "lib/held-back.lua"
--- @include "lib/admission.lua"

return (verdictsOf())
