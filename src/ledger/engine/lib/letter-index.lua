-- Dead letters stand in one sorted set, all of one score, each under four names, so that a range by text is a page, a kind, a source or
-- an age: all:<last>:<id>:<kind>:<source>:<first>, kind:<kind>:<last>:<id>, of:<source>:<last>:<id>, since:<first>:<id>; times in 15
-- digits.
--- @include "lib/time.lua"

local function namesOf(letter)
  local first, last = moment(letter.first), moment(letter.last)
  return table.concat({ 'all', last, letter.id, letter.kind, letter.source, first }, ':'),
    table.concat({ 'kind', letter.kind, last, letter.id }, ':'), table.concat({ 'of', letter.source, last, letter.id }, ':'),
    table.concat({ 'since', first, letter.id }, ':')
end
local function indexLetter(letter)
  local all, kind, of, since = namesOf(letter)
  redis.call('ZADD', KEYS[9], 0, all, 0, kind, 0, of, 0, since)
end
local function unindexLetter(letter) redis.call('ZREM', KEYS[9], namesOf(letter)) end

local function isKept(last) return last ~= nil and now - last < DEAD_LETTER_LIFE_MS end
-- Names after this one are of letters that are not over.
local function oldest(prefix) return '(' .. prefix .. ':' .. moment(now - DEAD_LETTER_LIFE_MS) .. ';' end

-- Forgets what is over, a hundred at most.
local function forgetLetters()
  for _, name in ipairs(redis.call('ZRANGEBYLEX', KEYS[9], '[all:', oldest('all'), 'LIMIT', 0, 100)) do
    local last, id, kind, source, first = string.match(name, '^all:(%d+):([^:]*):([^:]*):([^:]*):(%d+)$')
    unindexLetter({ id = id, kind = kind, source = source, first = tonumber(first), last = tonumber(last) })
  end
end

local function isFull(source)
  forgetLetters()
  return redis.call('ZLEXCOUNT', KEYS[9], oldest('of:' .. source), '(of:' .. source .. ';') >= DEAD_LETTERS_MAX
end
