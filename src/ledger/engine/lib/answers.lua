-- Duplicates that were answered from a remembered state, as <when>*<how many>,… of a record, until it is known whether that was right: when
-- the end of its request is learnt, or some minutes later.
--- @include "lib/units.lua"

-- over: when the request ended; nil: nobody says that it did. isNew: one more is answered so now. Beyond ANSWERS_MAX times the last one
-- stands for those that follow.
local function judgeAnswers(record, over, isNew)
  local kept = {}
  for at, count in string.gmatch(record.answers, '(%d+)%*(%d+)') do
    local isOld = now - at >= ANSWER_JUDGED_MS
    if isOld or over then units.count('accuracy', record, tonumber(count), not isOld and tonumber(at) > over and tonumber(count) or 0)
    else kept[#kept + 1] = { at, count } end
  end
  local last = kept[#kept]
  if isNew and last and (last[1] == text(now) or #kept >= ANSWERS_MAX) then last[2] = text(last[2] + 1)
  elseif isNew then kept[#kept + 1] = { text(now), '1' } end
  for i, one in ipairs(kept) do kept[i] = table.concat(one, '*') end
  record.answers = table.concat(kept, ',')
end
