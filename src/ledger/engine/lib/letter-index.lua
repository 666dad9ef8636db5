-- Dead letters stand in one sorted set, all of one score, each under four names, so that a range by text is a page, a kind, a source or
-- an age: all:<last>:<id>:<kind>:<source>:<first>, kind:<kind>:<last>:<id>, of:<source>:<last>:<id>, since:<first>:<id>; times in 15
-- digits. One of an invalid alert has a fifth, invalid:<source>:<last>:<id>, by which they are counted.
-- Its place, in:<invalid | request>:<source>:<namespace>:<last>:<id>, tells how many letters a namespace has. at:<id>:<place> leads there,
-- since not all that remove a letter know its namespace. most:<source>:<how many>:<how long ago>:<place without last and id> puts the
-- namespaces with invalid alerts in order: the one with most letters, and of several the one with the oldest, is last. A letter of the
-- version before has no place; those of letters that it forgets are left over.
--- @include "lib/time.lua"

local indexLetter, unindexLetter
do
  local function namesOf(letter)
    local id, kind, source, first = letter.id, letter.kind, letter.source, moment(letter.first)
    local seen = ':' .. moment(letter.last) .. ':' .. id
    local all = table.concat({ 'all' .. seen, kind, source, first }, ':')
    return { all, 'kind:' .. kind .. seen, 'of:' .. source .. seen, 'since:' .. first .. ':' .. id,
      kind == 'invalid' and 'invalid:' .. source .. seen or nil }
  end

  local function firstIn(prefix)
    return redis.call('ZRANGEBYLEX', KEYS[9], '[' .. prefix .. ':', '(' .. prefix .. ';', 'LIMIT', 0, 1)[1]
  end

  -- home: a place without last and id. nil: it has no rank.
  local function rankOf(home)
    local source = string.match(home, '^in:invalid:([^:]*)')
    local first = source and firstIn(home)
    if not first then return nil end
    local count = redis.call('ZLEXCOUNT', KEYS[9], '[' .. home .. ':', '(' .. home .. ';')
    return table.concat({ 'most', source, moment(count), moment(1e15 - string.match(first, ':(%d+):[^:]*$')), home }, ':')
  end

  -- A letter stays in the namespace of the first alert of its cause, wherever others come from. Of one that goes only the id is needed.
  local function placeLetter(letter, goes)
    local id = letter.id
    local at = firstIn('at:' .. id)
    local from = at and string.sub(at, #id + 5)
    local home = from and string.match(from, '^(.*):%d+:[^:]*$')
      or not goes and table.concat({ 'in', letter.kind == 'invalid' and 'invalid' or 'request', letter.source, letter.namespace }, ':')
    local to = not goes and table.concat({ home, moment(letter.last), id }, ':') or nil
    if from == to then return end
    local before = rankOf(home)
    if from then redis.call('ZREM', KEYS[9], from, at) end
    if to then redis.call('ZADD', KEYS[9], 0, to, 0, 'at:' .. id .. ':' .. to) end
    local after = rankOf(home)
    if before then redis.call('ZREM', KEYS[9], before) end
    if after then redis.call('ZADD', KEYS[9], 0, after) end
  end

  function indexLetter(letter)
    local scored = {}
    for _, name in ipairs(namesOf(letter)) do scored[#scored + 1], scored[#scored + 2] = 0, name end
    redis.call('ZADD', KEYS[9], unpack(scored))
    placeLetter(letter, false)
  end

  -- Whether it stood there. Unless it goes for good it keeps its place.
  function unindexLetter(letter, goes)
    if goes then placeLetter(letter, true) end
    return redis.call('ZREM', KEYS[9], unpack(namesOf(letter))) > 0
  end
end

local function isKept(last) return last ~= nil and now - last < DEAD_LETTER_LIFE_MS end
-- Names after this one are of letters that are not over.
local function oldest(prefix) return '(' .. prefix .. ':' .. moment(now - DEAD_LETTER_LIFE_MS) .. ';' end
local function lettersIn(prefix) return redis.call('ZLEXCOUNT', KEYS[9], oldest(prefix), '(' .. prefix .. ';') end
