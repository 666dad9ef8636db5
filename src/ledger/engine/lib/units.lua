-- What a call meets of the rules' units: how many, and the sum of their bad shares, by rule, arm and group, saved together when the call is
-- over. Groups are told apart by eight bits of their ids, so that no number of them makes a minute grow. A bad unit is noted in its
-- receipt, and the rule remembers whose it was.
-- The canary's hash: <rule>:<arm>:<group> -> units|bad since the last votes, <rule>:untold -> units that nobody measured, until the last
-- votes|since, <rule>:proof -> fingerprints, excluded -> when something else than a feature was last at fault; the rest is that of
-- judge-rules.lua.
--- @include "lib/flags.lua"
--- @include "lib/rules.lua"
--- @include "lib/steps.lua"
--- @include "lib/windows.lua"

local units = {}
do
  local met, excluded = {}, nil

  -- Whose receipts show it: of a storm its first members.
  local function proofOf(record)
    if record.at == '' then return record.subject .. ',' end
    local id, proof = string.sub(record.subject, 66), ''
    local members = redis.call('ZRANGEBYLEX', groupOf(record.subject).members, '[' .. id .. ':', '(' .. id .. ';', 'LIMIT', 0, PROOFS_MAX)
    for _, entry in ipairs(members) do proof = proof .. string.sub(entry, 44, 107) .. ',' end
    return proof
  end

  local function add(field, count, bad)
    local sum = met[field] or { 0, 0 }
    met[field] = { sum[1] + count, sum[2] + bad }
  end

  function units.count(name, record, count, bad)
    local rule, group = RULES[name], string.sub(record.group ~= '' and record.group or record.subject, 1, 2)
    local isOff, limit = lacks(record, FEATURES[rule.feature]), (rule.limit + 1e-9) * count
    if name == 'api-load' then
      -- An ensure is needed, and one look of a late repeat, which is counted where that is decided.
      local needed = math.max(count, now - record.intentAt > REPEAT_LATE_MS and 1 or 0)
      group, limit = 'all', rule.limit * LOAD_NORMAL * needed
    end
    local field, proof = name .. (isOff and ':off:' or ':on:') .. group, name .. ':proof'
    add(field, count, bad)
    if isOff or bad <= limit then return end
    note(record, 'rule-broken', name, '', '', '')
    met[proof] = proofOf(record) .. (met[proof] or '')
  end

  -- One that gives no vote, as nobody tells what the rule measures of it.
  function units.untold(name, record)
    if not lacks(record, FEATURES[RULES[name].feature]) then add(name .. ':untold', 0, 1) end
  end

  function units.exclude() excluded = text(now) end

  local function save()
    local names, flat = {}, { excluded and 'excluded', excluded }
    for field in pairs(met) do names[#names + 1] = field end
    for i, held in ipairs(#names > 0 and redis.call('HMGET', KEYS[16], unpack(names)) or {}) do
      local sum = met[names[i]]
      local count, bad = string.match(held or '', '^(%d[^|]*)|(%d.*)$')
      flat[#flat + 1] = names[i]
      flat[#flat + 1] = type(sum) == 'table' and string.format('%.9g|%.9g', (count or 0) + sum[1], (bad or 0) + sum[2])
        or string.sub(sum .. (held or ''), 1, 65 * PROOFS_MAX)
    end
    if #flat > 0 then redis.call('HSET', KEYS[16], unpack(flat)) end
  end

  -- What cannot be counted fails nothing.
  function units.save() pcall(save) end
end
