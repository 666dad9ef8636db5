-- What became of a fingerprint, a line each: at|times|event|reason|source|namespace|name. The same again only counts, and the oldest go.
--- @include "lib/time.lua"

local function note(record, event, reason, source, ns, name)
  local rest = table.concat({ event, reason, source, ns, name }, '|')
  local lines, times = {}, 1
  for line in string.gmatch(record.steps, '[^\n]+') do lines[#lines + 1] = line end
  local known, last = string.match(lines[#lines] or '', '^%d+|(%d+)|(.*)$')
  if last == rest then
    times = tonumber(known) + 1
    lines[#lines] = nil
  end
  lines[#lines + 1] = table.concat({ text(now), text(times), rest }, '|')
  record.steps = table.concat(lines, '\n', math.max(1, #lines - RECEIPT_STEPS + 1))
end

-- The lines that people still read.
local function recent(steps)
  local lines = {}
  for line in string.gmatch(steps, '[^\n]+') do
    if now - tonumber(string.match(line, '^%d+')) < RECEIPT_LIFE_MS then lines[#lines + 1] = line end
  end
  return table.concat(lines, '\n')
end
