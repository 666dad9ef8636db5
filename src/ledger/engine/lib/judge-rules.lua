-- Once a minute, the units since the last time become votes, one a rule and arm. Where something else than a feature was at fault there
-- are none. A feature whose rule is broken is turned off, until a person turns it on again.
-- The canary's hash: judged -> when that was last done, <rule>:<arm> -> the rule's record. The hash of the flags: <feature>:rollback ->
-- rule|when|fingerprints|the rule's record, until a person acknowledges it. Counters: rule:<rule> -> its state, and |blind where it is;
-- rolled_back:<feature> -> that rule, until then.
--- @include "lib/evidence.lua"
--- @include "lib/rules.lua"
--- @include "lib/flags.lua"
--- @include "lib/counters.lua"
--- @include "lib/flag-changes.lua"

local judgeRules
do
  -- How many units nobody has measured since the last vote, where there were any; beyond VOTES_LEAST more make no difference.
  local function untoldUntilNow(untold, isExcluded, beginsAnew)
    local before, since = string.match(untold or '', '^(%d+)|(%d+)$')
    if not before then return nil end
    return beginsAnew and 0 or math.min(VOTES_LEAST, before + (isExcluded and 0 or since))
  end

  local function rollBack(rule, record, proof)
    local feature = FEATURES[rule.feature]
    changeFlag(rule.name .. text(now), feature, '0', 'rules', rule.name)
    redis.call('HSET', KEYS[15], feature .. ':rollback', table.concat({ rule.name, text(now), proof or '', record }, '|'))
    redis.call('HSET', KEYS[5], 'rolled_back:' .. feature, rule.name)
    bump('rollback:' .. feature .. ':' .. rule.name, 1)
    return { feature, rule.name }
  end

  local function judge(settings, minuteMs, isExcluded)
    local judgedAt = tonumber(redis.call('HGET', KEYS[16], 'judged') or '') or 0
    if isExcluded then redis.call('HSET', KEYS[16], 'excluded', text(now)) end
    if now - judgedAt < minuteMs then return {} end
    local flat, held, sums, done = redis.call('HGETALL', KEYS[16]), {}, {}, {}
    for i = 1, #flat, 2 do
      held[flat[i]] = flat[i + 1]
      local at, count, bad = string.match(flat[i] .. ' ' .. flat[i + 1], '^([%l-]+:%l+):%w+ (%d[^|]*)|(%d.*)$')
      if at then
        local isLoad, sum = string.sub(at, 1, 3) == 'api', sums[at] or { units = 0, bad = 0, groups = 0 }
        local share = bad / (isLoad and LOAD_NORMAL * math.max(1, count) or count)
        if share > 0 or not isLoad then
          sums[at] = { units = sum.units + (isLoad and 1 or count), bad = sum.bad + math.min(1, share), groups = sum.groups + 1 }
        end
        done[#done + 1] = flat[i]
      end
    end
    local wasExcluded = tonumber(held.excluded or -1) >= judgedAt
    if wasExcluded then sums = {} end
    local rolledBack, written, states, shares = {}, { 'judged', text(now) }, {}, sharesOf(settings)
    for _, rule in ipairs(RULES) do
      for _, arm in ipairs({ ':off', ':on' }) do
        local share, at = shares[rule.feature], rule.name .. arm
        local record, sum = recordAt(held[at]), sums[at]
        local untold = untoldUntilNow(held[rule.name .. ':untold'], wasExcluded, sum or record.share ~= share)
        if record.share ~= share then
          -- One that was off begins anew.
          if record.share == 0 then record = recordAt('') end
          record.share, record.votes, record.units = share, 0, 0
        end
        record.units = record.units + (sum and sum.units or 0)
        weigh(record, rule, now, now - rule.minutes * minuteMs, sum and sum.bad / sum.groups)
        local told, state = recordText(record, rule), record.state
        if arm == ':on' then
          if sum then bump('votes:' .. rule.name, 1) end
          states[#states + 1] = 'rule:' .. rule.name
          states[#states + 1] = state .. (untold == VOTES_LEAST and '|blind' or '')
          if untold then written[#written + 1], written[#written + 2] = rule.name .. ':untold', text(untold) .. '|0' end
          if state == 'breach' and share > 0 then
            rolledBack[#rolledBack + 1] = rollBack(rule, told, held[rule.name .. ':proof'])
            shares[rule.feature], told = 0, string.gsub(told, '^%d+', '0')
          end
        end
        written[#written + 1], written[#written + 2] = at, told
      end
    end
    redis.call('HSET', KEYS[5], unpack(states))
    redis.call('HSET', KEYS[16], unpack(written))
    if #done > 0 then redis.call('HDEL', KEYS[16], unpack(done)) end
    return rolledBack
  end

  -- minuteMs: between two votes of a rule. Returns { feature, rule } of those that are turned off. What cannot be read fails nothing.
  function judgeRules(settings, minuteMs, isExcluded)
    local isDone, rolledBack = pcall(judge, settings, minuteMs, isExcluded)
    return isDone and rolledBack or {}
  end
end
