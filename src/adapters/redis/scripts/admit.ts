import * as v from "valibot";
import { NAMESPACE_SHARE } from "../../../domain/ledger-limits.ts";
import { defineScript } from "../script.ts";
import { deadLetters } from "./dead-letters.ts";
import { deliveries } from "./deliveries.ts";
import { episodeRules } from "./episode-rules.ts";
import { judge, judgements } from "./judge.ts";
import { tallies } from "./tallies.ts";
import { time } from "./time.ts";

const header = `
-- Decides the alerts of one delivery, each on its own, after applying the facts that came along. Sent twice, it leaves the state of one
-- and gives the same verdicts. O(alerts + facts).
-- KEYS  1 intents  2 intentsOf  3 counts  4 sealed  5 counters  6 seen  7 seenAt  8 letters  9 lettersOf  10 sessions
--       11 intentsSince,
--       then one per alert (episode, for an invalid one its letter), then one per fact (episode)
-- ARGV  1 virtual now or ''  2 caller's now  3 operation  4 source  5 state based 1|0  6 state ttl  7 fallback ttl  8 delivery ttl
--       9 lease  10 intents max  11 alerts  12 facts (times in ms)
--       13 the delivery's aside or ''  14 ignored alerts  15 truncated alerts  16 unknown severities  17 watchdog 1|0
--       then 13 fields per alert and 16 per fact
-- Reply per alert { verdict, reason, rung, occurrences, intent, namespace, name, uid }`;

const settings = `
local operation, source, stateBased = ARGV[3], ARGV[4], ARGV[5] == '1'
local stateTtl, fallbackTtl, deliveryTtl, lease = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9])
local intentsMax, alertCount, factCount = tonumber(ARGV[10]), tonumber(ARGV[11]), tonumber(ARGV[12])
local namespaceShare, FIXED_KEYS, FIXED_ARGS, ALERT_FIELDS, told = ${NAMESPACE_SHARE}, 11, 17, 13, {}
local intentsSince = KEYS[11]`;

const main = `
local function alertAt(i)
  local at = FIXED_ARGS + (i - 1) * ALERT_FIELDS
  return { key = KEYS[FIXED_KEYS + i], kind = ARGV[at + 1], fingerprint = ARGV[at + 2], entry = ARGV[at + 3], counted = ARGV[at + 4],
    instance = ARGV[at + 5], startsAt = tonumber(ARGV[at + 6]), namespace = ARGV[at + 7], shared = ARGV[at + 8] == '1',
    eventUid = ARGV[at + 9], eventCount = tonumber(ARGV[at + 10]), reason = ARGV[at + 11], unreachable = ARGV[at + 12] == '1',
    body = ARGV[at + 13] }
end

-- The answer of the first time; where a request was on its way, what has become of it since.
local function again(alert, entry)
  local episode = alert.kind ~= 'invalid' and load(alert.key) or nil
  if alert.kind == 'invalid' then return { entry.outcome, entry.reason, entry.rung, redis.call('HGET', alert.key, 'count') or '1', '', '', '', '' } end
  if entry.intent == '' then return settled(episode, entry.outcome, entry.reason, entry.rung) end
  if not episode or episode.intent ~= entry.intent or episode.state == 'pending' then
    local verdict = settled(episode, 'accepted', entry.reason, entry.rung)
    for i = 6, 8 do verdict[i] = '' end
    -- The same sending of the same call: its caller holds the lease and has not heard of it.
    if episode and episode.intent == entry.intent and string.sub(entry.intent, 1, #operation + 1) == operation .. '-' then
      verdict[1], verdict[5] = 'ensure', entry.intent
    end
    return verdict
  end
  if episode.found == '1' then return settled(episode, 'duplicate', 'request-found', 'kubernetes') end
  return settled(episode, 'created', entry.reason, 'kubernetes')
end

local function decide(alert, intent)
  local entry = seenEntry(alert.entry)
  if entry then return again(alert, entry) end
  local verdict
  if alert.kind == 'invalid' then
    local count = keepLetter(alert.key, alert, source)
    verdict = count and { 'quarantined', alert.reason, 'cache', count, '', '', '', '' } or { 'full', '', '', '', '', '', '', '' }
  elseif alert.kind == 'firing' then verdict = judgeFiring(alert, intent)
  else verdict = judgeResolved(alert) end
  if verdict[1] == 'check' or verdict[1] == 'full' then return verdict end
  local outcome = verdict[1] == 'ensure' and 'accepted' or verdict[1]
  see(alert.entry, outcome, verdict[2], verdict[3], verdict[5])
  tally(outcome, verdict[3], 1)
  return verdict
end

for i = 1, factCount do
  local fact = factAt(FIXED_ARGS + alertCount * ALERT_FIELDS + (i - 1) * FACT_FIELDS + 1)
  if applyFact(KEYS[FIXED_KEYS + alertCount + i], fact) ~= 'dropped' then told[fact.fingerprint] = true end
end
takeAside(ARGV[13])
local verdicts = {}
for i = 1, alertCount do verdicts[i] = decide(alertAt(i), operation .. '-' .. (i - 1)) end
forgetOld(alertCount + 1)
return verdicts`;

export const admitScript = defineScript({
  lua: [header, time, settings, episodeRules, deliveries, tallies, deadLetters, judgements, judge, main].join("\n"),
  reply: v.array(v.strictTuple([v.string(), v.string(), v.string(), v.string(), v.string(), v.string(), v.string(), v.string()])),
});
