-- What a script finds around it: of what Redis gives a script, as much as the engine uses. Anything else does not exist here.
-- Called with `command(raising)`, which makes redis.call and redis.pcall. Returns `run(script, keys, args)` and a function that puts
-- a script into these surroundings. `run` returns true and the script's value, or false and an error with `err`, `source` and `line`.

local command = ...
local error, pcall, xpcall, getinfo = error, pcall, xpcall, debug.getinfo
local rawget, setfenv, setmetatable, tostring, type = rawget, setfenv, setmetatable, tostring, type

local function refuse() error('Attempt to modify a readonly table', 2) end
local function readonly(content) return setmetatable({}, { __index = content, __newindex = refuse, __metatable = false }) end
local function library(from, names)
  local content = {}
  for name in string.gmatch(names, '%a+%d?') do content[name] = from[name] end
  return content
end

-- An error of a command is caught as its text.
local function caught(ok, value, ...)
  if not ok and type(value) == 'table' and type(rawget(value, 'err')) == 'string' then return ok, value.err end
  return ok, value, ...
end

local globals = library(_G, 'assert error getmetatable ipairs next pairs rawequal rawget select setmetatable tonumber tostring type unpack')
globals.pcall = function(...) return caught(pcall(...)) end
globals.string = readonly(library(string, 'byte char find format gmatch gsub len lower match rep reverse sub upper'))
globals.table = readonly(library(table, 'concat insert maxn remove sort'))
globals.math = readonly(library(math, 'abs ceil floor fmod huge max min modf pow sqrt'))
globals.redis = readonly({
  call = command(true),
  pcall = command(false),
  error_reply = function(text) return { err = text } end,
  status_reply = function(text) return { ok = text } end,
})

local function missing(_, name) error('Script attempted to access nonexistent global variable \'' .. tostring(name) .. '\'', 2) end
setmetatable(globals, { __index = missing })
local surroundings = readonly(globals)
globals._G = surroundings

-- Strings share one metatable, through which a script would reach what all others use.
getmetatable('').__index = globals.string
getmetatable('').__metatable = false

local function placed(reason)
  local level, at = 2, getinfo(2, 'Sl')
  while at and (at.what == 'C' or at.source == '=sandbox') do
    level = level + 1
    at = getinfo(level, 'Sl')
  end
  if type(reason) ~= 'table' then reason = { err = 'ERR ' .. tostring(reason) } end
  if at then reason.source, reason.line = at.source, at.currentline end
  return reason
end

local function run(script, keys, args)
  globals.KEYS, globals.ARGV = keys, args
  return xpcall(script, placed)
end
return run, function(script) return setfenv(script, surroundings) end
