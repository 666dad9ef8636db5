-- What speaks against a rule. Its votes are numbers from 0 to 1, the mean bad share of a minute. Each of 20 alternatives q above the limit
-- p weighs how much better it explains the votes since they began to go wrong: no weight falls below 1, so a good past is no credit. The
-- evidence is their mean. A rule's record is text: share of its feature|limit|minutes|state|mean of its window's votes or ''|evidence|votes
-- and units since that share changed|<time>=<vote>,… of its window|20 weights, or '' before the first vote.

-- As many digits as bring the same number back.
local function exact(number) return string.format('%.17g', number) end

local function recordAt(held)
  local share, evidence, votes, units, recent, weights =
    string.match(held or '', '^(%d+)|.*|([^|]+)|(%d+)|(%d+)|([^|]*)|([^|]*)$')
  return { share = tonumber(share), evidence = tonumber(evidence) or 1, votes = votes or 0, units = units or 0, recent = recent or '',
    weights = weights or '' }
end

-- By one more vote. Before the first one there is no weight, and each counts as 1.
local function reweigh(record, p, vote)
  local weights, sum = {}, 0
  for weight in string.gmatch(record.weights == '' and string.rep('1 ', 20) or record.weights, '%S+') do
    local i = #weights + 1
    local q = p + (1 - p) * i / 20
    weight = math.min(WEIGHT_MAX, math.max(1, weight * (vote * q / p + (1 - vote) * (1 - q) / (1 - p))))
    weights[i], sum = exact(weight), sum + weight
  end
  record.weights, record.evidence = table.concat(weights, ' '), sum / 20
end

-- vote: that of now; nil: there is none. sinceMs: when the rule's window began. Leaves state and mean in the record.
local function weigh(record, rule, at, sinceMs, vote)
  local recent, mean, state, p = {}, 0, 'not-enough', rule.limit
  if vote then
    record.votes, record.recent = record.votes + 1, string.format('%s,%.0f=%s', record.recent, at, exact(vote))
    reweigh(record, p, vote)
  end
  for when, share in string.gmatch(record.recent, '(%d+)=([^,]+)') do
    if tonumber(when) > sinceMs then recent[#recent + 1], mean = when .. '=' .. share, mean + share end
  end
  record.recent, mean = table.concat(recent, ','), mean / #recent
  if mean > p + 1e-9 and record.evidence >= EVIDENCE_LEAST then state = 'breach' end
  if mean <= p + 1e-9 and record.votes + 0 >= VOTES_LEAST then state = 'pass' end
  record.state, record.mean = state, #recent > 0 and exact(mean) or ''
end

local function recordText(record, rule)
  return table.concat({ record.share or 0, rule.limit, rule.minutes, record.state, record.mean, exact(record.evidence), record.votes,
    record.units, record.recent, record.weights }, '|')
end
