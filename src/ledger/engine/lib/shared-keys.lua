-- The keys that every command with the ledger's rules begins with; what only one command needs comes behind them.
-- KEYS  1 intents  2 intentsOf  3 counts  4 sealed  5 counters  6 intentsSince  7 windows  8 buffered  9 letters
--       10 intentTurns  11 intentsServed  12 countTurns  13 countsServed  14 invalidLetters  15 flags  16 canary
local SHARED_KEY_COUNT = 16
