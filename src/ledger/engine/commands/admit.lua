-- Decides the alerts of one delivery, each on its own, after applying the facts that came along. Sent twice, it leaves the state of one
-- and gives the same verdicts. O(alerts + facts).
-- KEYS  1 intents  2 intentsOf  3 counts  4 sealed  5 counters  6 intentsSince  7 windows  8 buffered  9 letters
--       10 intentTurns  11 intentsServed  12 countTurns  13 countsServed  14 invalidLetters  15 flags  16 canary
--       17 seen  18 seenAt  19 sessions  20 rates,
--       then record and members of each group, then per alert its episode (of an invalid one 14 again), then one record per fact
-- ARGV  1 virtual now or ''  2 caller's now  3 operation  4 source  5 percent with state-based dedup
--       6 state ttl  7 fallback ttl  8 delivery ttl  9 lease  10 intents max  11 alerts  12 facts (times in ms)
--       13 the delivery's aside or ''  14 ignored alerts  15 truncated alerts  16 unknown severities  17 unreadable times
--       18 watchdog 1|0  19 window's longest life  20 its most members  21 most buffered of a namespace  22 in all  23 groups
--       24 the delivery's progress  25 whether more of it is to come 1|0  26 intents max of a source  27 most buffered of a source
--       28 alerts that the source is charged for or ''  29 that it may send a minute  30 that its bucket holds
--       31 its body's entry  32 what its key is bound to, both '' without a key  33 percent with storm buffering
--       then the groups' ids, then 25 fields per alert and 21 per fact, then what was decided without the ledger: id or '', how many, and
--       { source, outcome, alerts } of each
-- Reply per alert { verdict, reason, rung, occurrences, intent, namespace, name, uid, subject }. Where nothing is decided: one alone,
--       'other-body', as the delivery's key is bound to another body; or each 'limited', with the ms to wait, as the source sends too fast

--- @include "lib/admission.lua"

local verdicts, isTaken = verdictsOf()
if not isTaken then return verdicts end
indexKept()
takeAside(ARGV[13])
takeStrays(call.factArg + call.facts * FACT_FIELDS)
-- Whoever joined in the call that brought a window to its threshold goes into its request.
for window in pairs(reached) do carry(window) end
for name, alerts in pairs(arms) do bump(name, alerts) end
saveWindows()
units.save()
finishCall(isLeft)
forgetOld(call.alerts + 4)
return verdicts
