-- A Redis that holds back what is written to it: it keeps that for the rest of the call, and reads find it. Ranges, but for how
-- long they are, are read as they are without it, which no verdict hangs on.
local given, redis = redis, {}
do
  local fields, scores, added = {}, {}, {}

  local function written(kind, key)
    kind[key] = kind[key] or {}
    return kind[key]
  end

  local function fieldAt(key, name)
    local value = written(fields, key)[name]
    if value == nil then return given.call('HGET', key, name) end
    return value
  end

  local function setField(key, name, value) written(fields, key)[name] = value end

  local function scoreAt(key, member)
    local score = written(scores, key)[member]
    if score == nil then return given.call('ZSCORE', key, member) end
    return score
  end

  -- score: false where it leaves. Whether that changes how many there are.
  local function setScore(key, member, score)
    local changes = not scoreAt(key, member) ~= not score
    written(scores, key)[member] = score
    if changes then added[key] = (added[key] or 0) + (score and 1 or -1) end
    return changes
  end

  local function pass(name) return function(...) return given.call(name, ...) end end
  local function ignore() return 1 end

  local COMMANDS = {
    TIME = pass('TIME'), ZRANGE = pass('ZRANGE'), ZRANGEBYLEX = pass('ZRANGEBYLEX'),
    ZRANGEBYSCORE = pass('ZRANGEBYSCORE'), HGETALL = pass('HGETALL'), PERSIST = ignore, PEXPIRE = ignore,
    HGET = fieldAt, HEXISTS = function(key, name) return fieldAt(key, name) and 1 or 0 end,
    HMGET = function(key, ...)
      local values, changed = given.call('HMGET', key, ...), written(fields, key)
      for i, name in ipairs({ ... }) do
        if changed[name] ~= nil then values[i] = changed[name] end
      end
      return values
    end,
    HSET = function(key, ...)
      local pairsOf = { ... }
      for i = 1, #pairsOf, 2 do setField(key, pairsOf[i], tostring(pairsOf[i + 1])) end
    end,
    HINCRBY = function(key, name, by)
      local sum = (tonumber(fieldAt(key, name) or '') or 0) + tonumber(by)
      setField(key, name, string.format('%.0f', sum))
      return sum
    end,
    HDEL = function(key, ...)
      for _, name in ipairs({ ... }) do setField(key, name, false) end
    end,
    ZLEXCOUNT = function(key, from, to)
      local count, first, last = given.call('ZLEXCOUNT', key, from, to), string.sub(from, 2), string.sub(to, 2)
      for member, score in pairs(written(scores, key)) do
        local isThere, isWithin = given.call('ZSCORE', key, member), member > first and member < last
        if isWithin and not isThere ~= not score then count = count + (score and 1 or -1) end
      end
      return count
    end,
    ZSCORE = scoreAt, ZCARD = function(key) return given.call('ZCARD', key) + (added[key] or 0) end,
    ZADD = function(key, ...)
      local told = { ... }
      local flag = not tonumber(told[1]) and told[1]
      for i = flag and 2 or 1, #told, 2 do
        local held = scoreAt(key, told[i + 1])
        local isWanted = not flag or not held or (flag == 'LT' and tonumber(told[i]) < tonumber(held))
        if isWanted then setScore(key, told[i + 1], tostring(told[i])) end
      end
    end,
    ZREM = function(key, ...)
      local removed = 0
      for _, member in ipairs({ ... }) do removed = removed + (setScore(key, member, false) and 1 or 0) end
      return removed
    end,
  }
  -- A command that is not among them is an error, so that none can write by mistake.
  local function perform(name, ...) return COMMANDS[name](...) end
  redis.call = perform
  function redis.pcall(...)
    local _, reply = pcall(perform, ...)
    return reply
  end
end
