-- What admit decides, by its KEYS and ARGV.
--- @include "lib/shared-keys.lua"

--- @include "lib/flags.lua"

local operation, source, shares = ARGV[3], ARGV[4], sharesOf({ ARGV[5], ARGV[33] })
local deliveryTtl, lease = tonumber(ARGV[8]), tonumber(ARGV[9])
local bounds = { stateMs = tonumber(ARGV[6]), fallbackMs = tonumber(ARGV[7]), intents = tonumber(ARGV[10]),
  windowMs = tonumber(ARGV[19]), windowAlerts = tonumber(ARGV[20]), bufferedOfNamespace = tonumber(ARGV[21]),
  buffered = tonumber(ARGV[22]), intentsOfSource = tonumber(ARGV[26]), bufferedOfSource = tonumber(ARGV[27]) }
-- How many it brings, and where the first ones stand.
local call = { alerts = tonumber(ARGV[11]), facts = tonumber(ARGV[12]), groups = tonumber(ARGV[23]) }
call.alertKey, call.alertArg = SHARED_KEY_COUNT + 5 + 2 * call.groups, 34 + call.groups
local deliveryProgress, isLeft, keyed = ARGV[24], ARGV[25] == '1', { entry = ARGV[31], body = ARGV[32] }
local seenKey, seenAtKey = KEYS[SHARED_KEY_COUNT + 1], KEYS[SHARED_KEY_COUNT + 2]
local told = {}

--- @include "lib/alerts.lua"
--- @include "lib/apply-fact.lua"
--- @include "lib/tallies.lua"
--- @include "lib/keep-letter.lua"
--- @include "lib/judge.lua"
--- @include "lib/decision-units.lua"
--- @include "lib/rates.lua"

call.factArg = call.alertArg + call.alerts * ALERT_FIELDS

-- The answer of the first time; where a request was on its way, what has become of it since.
local function again(alert, entry)
  if alert.kind == 'invalid' then
    local letter = invalidLetter(alert.fingerprint)
    return { entry.outcome, entry.reason, entry.rung, letter and text(letter.count) or '1', '', '', '', '', '' }
  end
  local episode = load(alert.key, '')
  if entry.intent == '' then return (settled(episode, entry.outcome, entry.reason, entry.rung)) end
  local isHeld = episode and episode.intent == heldIntent(entry.intent, alert.fingerprint)
  if isHeld then return (settled(episode, 'duplicate', 'request-found', 'kubernetes')) end
  local window = episode and windowOf(episode)
  local record = window or episode
  if record and record.intent == entry.intent and record.state == 'dead' and record.letter ~= '' then
    return (settled(episode, 'quarantined', LETTER_REASONS[record.letter], 'cache'))
  end
  if not record or record.intent ~= entry.intent or record.uid == '' then
    local verdict = settled(episode, entry.outcome, entry.reason, entry.rung)
    for i = 6, 8 do verdict[i] = '' end
    -- The same sending of the same call: its caller holds the lease and has not heard of it.
    local isOwn = string.sub(entry.intent, 1, #operation + 1) == operation .. '-' or (record and record.retriedBy == operation)
    if record and record.intent == entry.intent and record.state == 'pending' and isOwn then
      verdict[1], verdict[5], verdict[9] = 'ensure', entry.intent, record.subject
    end
    return verdict
  end
  local found = record.found == '1'
  if window then return (settled(episode, found and 'appended' or 'aggregated', found and 'storm-joined' or entry.reason, 'kubernetes')) end
  return (settled(episode, found and 'duplicate' or 'created', found and 'request-found' or entry.reason, 'kubernetes'))
end

local function decide(alert, intent)
  local entry = seenEntry(alert.entry)
  alert.repeated = entry ~= nil
  if entry and not hasTurned(alert, entry.at) then return again(alert, entry) end
  local verdict, episode
  if alert.kind == 'invalid' then
    verdict = { 'quarantined', alert.reason, 'cache', keepLetter(alert), '', '', '', '', '' }
  elseif alert.kind == 'firing' then verdict, episode = judgeFiring(alert, intent)
  else verdict, episode = judgeResolved(alert) end
  if verdict[1] == 'check' or verdict[1] == 'full' then
    isLeft = true
    return verdict
  end
  local outcome = verdict[1]
  -- What counts on a dead letter leads to no intent of its own.
  if outcome == 'ensure' then outcome = verdict[2] == 'request-retried' and 'quarantined' or 'accepted' end
  see(alert.entry, outcome, verdict[2], verdict[3], verdict[5])
  tallyOf(source, outcome, verdict[3], 1)
  if alert.targetRule ~= '' then bump('target:' .. alert.targetRule, 1) end
  if alert.kind ~= 'invalid' then tallyArms(alert, outcome) end
  if episode then
    local record = windowOf(episode) or episode
    episode.without, record.without, episode.group = alert.without, alert.without, string.sub(alert.group, 1, 16)
    if alert.kind == 'firing' then countDecision(alert, record, verdict[2], verdict[3]) end
    note(episode, outcome, verdict[2], source, record.ns, record.name)
    keep(episode)
  end
  return verdict
end

-- Applies the facts that came along, then decides alert by alert: the verdicts, and whether the call is taken. Of another body, or over
-- its rate, nothing is stored.
local function verdictsOf()
  if isOtherBody() then return { { 'other-body', '', '', '', '', '', '', '', '' } }, false end
  local verdicts, waitMs = {}, waitForRate()
  if waitMs > 0 then
    for i = 1, call.alerts do verdicts[i] = { 'limited', text(waitMs), '', '', '', '', '', '', '' } end
    return verdicts, false
  end
  declareGroups(call.groups, 34, SHARED_KEY_COUNT + 5)
  for i = 1, call.facts do
    local key, at = KEYS[call.alertKey + call.alerts + i - 1], call.factArg + (i - 1) * FACT_FIELDS
    local kind, _, subject = applyFact(key, factAt(at))
    if kind ~= 'dropped' then told[subject] = true end
  end
  for i = 1, call.alerts do
    local alert = alertAt(KEYS[call.alertKey + i - 1], call.alertArg + (i - 1) * ALERT_FIELDS)
    verdicts[i] = decide(alert, operation .. '-' .. (i - 1))
  end
  return verdicts, true
end
