-- Duplicates that were answered from a remembered state, as ,<when>*<how many>… of a record, until it is known whether that was right: when
-- the end of its request is learnt, or some minutes later.
--- @include "lib/units.lua"

-- over: when the request ended; nil: nobody says that it did.
local function judgeAnswers(record, over)
  local kept = {}
  for at, count in string.gmatch(record.answers, '(%d+)%*(%d+)') do
    local isOld = now - at >= ANSWER_JUDGED_MS
    if isOld or over then units.count('accuracy', record, tonumber(count), not isOld and tonumber(at) > over and tonumber(count) or 0)
    else kept[#kept + 1] = ',' .. at .. '*' .. count end
  end
  record.answers = table.concat(kept)
end

-- One more is answered so now. The others are looked through only where one of them is old; where there are many, the last one stands for
-- those that follow.
local function noteAnswer(record)
  if now - (string.match(record.answers, '^,(%d+)') or now) >= ANSWER_JUDGED_MS then judgeAnswers(record, nil) end
  local before, at, count = string.match(record.answers, '^(.*,)(%d+)%*(%d+)$')
  if at and (at == text(now) or #record.answers >= ANSWERS_CHARACTERS) then record.answers = before .. at .. '*' .. text(count + 1)
  else record.answers = record.answers .. ',' .. text(now) .. '*1' end
end
