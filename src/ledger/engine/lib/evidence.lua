-- What speaks against a rule. Its votes are numbers from 0 to 1, the mean bad share of a minute. Each of 20 alternatives q above the limit
-- p weighs how much better it explains the votes since they began to go wrong: no weight falls below 1, so a good past is no credit. The
-- evidence is their mean. A rule's record is text: share of its feature|limit|minutes|state|mean of its window's votes or ''|evidence|votes
-- and units since that share changed|<time>=<vote>,… of its window|20 weights.

-- As many digits as bring the same number back.
local function exact(number) return string.format('%.17g', number) end

local function recordAt(held)
  local share, votes, units, recent, weights = string.match(held or '', '^(%d+)|.*|(%d+)|(%d+)|([^|]*)|([^|]*)$')
  local record = { share = tonumber(share), votes = votes, units = units, recent = recent or '', weights = {} }
  for weight in string.gmatch(weights or string.rep('1 ', 20), '%S+') do table.insert(record.weights, tonumber(weight)) end
  return record
end

-- vote: that of now; nil: there is none. sinceMs: when the rule's window began. Leaves state, mean and evidence in the record.
local function weigh(record, rule, at, sinceMs, vote)
  local recent, mean, evidence, state, p = {}, 0, 0, 'not-enough', rule.limit
  if vote then record.votes, record.recent = record.votes + 1, string.format('%s,%.0f=%s', record.recent, at, exact(vote)) end
  for when, share in string.gmatch(record.recent, '(%d+)=([^,]+)') do
    if tonumber(when) > sinceMs then recent[#recent + 1], mean = when .. '=' .. share, mean + share end
  end
  record.recent, mean = table.concat(recent, ','), mean / #recent
  for i, weight in ipairs(record.weights) do
    local q = p + (1 - p) * i / 20
    if vote then weight = math.min(WEIGHT_MAX, math.max(1, weight * (vote * q / p + (1 - vote) * (1 - q) / (1 - p)))) end
    record.weights[i], evidence = weight, evidence + weight
  end
  if mean > p + 1e-9 and evidence >= 20 * EVIDENCE_LEAST then state = 'breach' end
  if mean <= p + 1e-9 and record.votes + 0 >= VOTES_LEAST then state = 'pass' end
  record.state, record.mean, record.evidence = state, #recent > 0 and exact(mean) or '', evidence / 20
end

local function recordText(record, rule)
  local weights = {}
  for i, weight in ipairs(record.weights) do weights[i] = exact(weight) end
  return table.concat({ record.share or 0, rule.limit, rule.minutes, record.state, record.mean, exact(record.evidence), record.votes,
    record.units, record.recent, table.concat(weights, ' ') }, '|')
end
