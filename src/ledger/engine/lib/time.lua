-- Time is the ledger's own: a caller's wrong clock must not decide anything. A test hands in a virtual time (ARGV 1); a server that
-- refuses TIME in a script leaves only the caller's (ARGV 2).
local now = tonumber(ARGV[1])
if not now then
  local told, clock = pcall(redis.call, 'TIME')
  if told and clock[1] then now = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000) else now = tonumber(ARGV[2]) end
end
local function text(number) return string.format('%.0f', number) end
-- As text that sorts like the time.
local function moment(at) return string.format('%015.0f', at) end
