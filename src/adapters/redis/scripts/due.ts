import * as v from "valibot";
import { defineScript } from "../script.ts";
import { time } from "./time.ts";

/** Names what is due; the lease then comes with the keys of what was named, and looks again. */
export const dueScript = defineScript({
  lua: `
-- Names the due intents and counts, oldest first, and tells when the next thing is due. Changes nothing. O(limit).
-- KEYS  1 intents  2 counts  3 windows
-- ARGV  1 virtual now or ''  2 caller's now  3 limit
-- Reply { subjects, marks, a window is due 1 | 0, ms until the next thing is due or '' }
${time}
local function due(key) return redis.call('ZRANGEBYSCORE', key, '-inf', text(now), 'LIMIT', 0, tonumber(ARGV[3])) end
local nextDue, NEVER = nil, 8.64e15
for i = 1, 3 do
  local first = redis.call('ZRANGE', KEYS[i], 0, 0, 'WITHSCORES')
  if first[2] and tonumber(first[2]) < NEVER then nextDue = math.min(nextDue or NEVER, tonumber(first[2])) end
end
local sweep = #redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', text(now), 'LIMIT', 0, 1)
return { due(KEYS[1]), due(KEYS[2]), text(sweep), nextDue and text(math.max(0, nextDue - now)) or '' }`,
  reply: v.strictTuple([v.array(v.string()), v.array(v.string()), v.picklist(["0", "1"]), v.string()]),
});
