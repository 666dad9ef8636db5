-- Dead letters stand in one sorted set, all of one score, each under four names, so that a range by text is a page, a kind, a source or
-- an age: all:<last>:<id>:<kind>:<source>:<first>, kind:<kind>:<last>:<id>, of:<source>:<last>:<id>, since:<first>:<id>; times in 15
-- digits. One of an invalid alert has a fifth, invalid:<source>:<last>:<id>: in this order they make room for others.
--- @include "lib/time.lua"

local function namesOf(letter)
  local id, kind, source, first = letter.id, letter.kind, letter.source, moment(letter.first)
  local seen = ':' .. moment(letter.last) .. ':' .. id
  local all = table.concat({ 'all' .. seen, kind, source, first }, ':')
  return { all, 'kind:' .. kind .. seen, 'of:' .. source .. seen, 'since:' .. first .. ':' .. id,
    kind == 'invalid' and 'invalid:' .. source .. seen or nil }
end
local function indexLetter(letter)
  local scored = {}
  for _, name in ipairs(namesOf(letter)) do scored[#scored + 1], scored[#scored + 2] = 0, name end
  redis.call('ZADD', KEYS[9], unpack(scored))
end
-- Whether it stood there.
local function unindexLetter(letter) return redis.call('ZREM', KEYS[9], unpack(namesOf(letter))) > 0 end

local function isKept(last) return last ~= nil and now - last < DEAD_LETTER_LIFE_MS end
-- Names after this one are of letters that are not over.
local function oldest(prefix) return '(' .. prefix .. ':' .. moment(now - DEAD_LETTER_LIFE_MS) .. ';' end
local function lettersIn(prefix) return redis.call('ZLEXCOUNT', KEYS[9], oldest(prefix), '(' .. prefix .. ';') end
