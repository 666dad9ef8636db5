-- Reads how the features stand, and all that is known of them. Notes the caller's settings. O(counters).
-- KEYS  1 intents  2 intentsOf  3 counts  4 sealed  5 counters  6 intentsSince  7 windows  8 buffered  9 letters
--       10 intentTurns  11 intentsServed  12 countTurns  13 countsServed  14 invalidLetters  15 flags  16 canary
-- ARGV  1 virtual now or ''  2 caller's now  3 percent with state-based dedup  4 percent with storm buffering
-- Reply { of each feature { share, lowest setting, override, what was lost of it },
--       the hash, the counters, and the canary's hash, names and values in turn }
--- @include "lib/flag-sights.lua"

return { sightsOf({ ARGV[3], ARGV[4] }, { '', '' }), redis.call('HGETALL', KEYS[15]), redis.call('HGETALL', KEYS[5]),
  redis.call('HGETALL', KEYS[16]) }
