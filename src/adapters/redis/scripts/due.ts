import * as v from "valibot";
import { defineScript } from "../script.ts";
import { time } from "./time.ts";

/** Names what is due; the lease then comes with the keys of what was named, and looks again. */
export const dueScript = defineScript({
  lua: `
-- Names the due intents and counts, oldest first, and tells when the next thing is due. Changes nothing. O(limit).
-- KEYS  1 intents  2 counts
-- ARGV  1 virtual now or ''  2 caller's now  3 limit
-- Reply { fingerprints, marks, ms until the next thing is due or '' }
${time}
local function due(key) return redis.call('ZRANGEBYSCORE', key, '-inf', text(now), 'LIMIT', 0, tonumber(ARGV[3])) end
local nextDue
for i = 1, 2 do
  local first = redis.call('ZRANGE', KEYS[i], 0, 0, 'WITHSCORES')
  if first[2] then nextDue = math.min(nextDue or math.huge, tonumber(first[2])) end
end
return { due(KEYS[1]), due(KEYS[2]), nextDue and text(math.max(0, nextDue - now)) or '' }`,
  reply: v.strictTuple([v.array(v.string()), v.array(v.string()), v.string()]),
});
