import * as v from "valibot";
import { defineScript } from "../script.ts";
import { episodes } from "./episodes.ts";
import { time } from "./time.ts";

const header = `
-- Hands out the named intents and counts that are still due, and keeps them from others for the lease. O(named).
-- KEYS  1 intents  2 counts  3 sealed  4 intentsSince, then the episodes of the fingerprints, then those of the marks
-- ARGV  1 virtual now or ''  2 caller's now  3 lease ms  4 fingerprints  5 marks, then the names themselves
-- Reply { { fingerprint, intent, tries, draft }.., { mark, namespace, name, uid, slot, count, first, last, resolvedAt or '' }.., next ms or '' }`;

const main = `
local lease, fingerprints, marks = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local until_ = text(now + lease)

local function isDue(key, member)
  local due = redis.call('ZSCORE', key, member)
  return due and tonumber(due) <= now
end

local intents = {}
for i = 1, fingerprints do
  local fingerprint, key = ARGV[5 + i], KEYS[4 + i]
  if isDue(KEYS[1], fingerprint) then
    local held = redis.call('HMGET', key, 'intent', 'draft', 'state')
    if held[3] == 'pending' and held[2] then
      redis.call('ZADD', KEYS[1], until_, fingerprint)
      intents[#intents + 1] = { fingerprint, held[1], text(redis.call('HINCRBY', key, 'tries', 1)), held[2] }
    else
      -- A server that lost this key kept the index: there is nothing to make a request from.
      redis.call('ZREM', KEYS[1], fingerprint)
      redis.call('ZREM', KEYS[4], fingerprint)
    end
  end
end

local counts = {}
for i = 1, marks do
  local mark = ARGV[5 + fingerprints + i]
  if isDue(KEYS[2], mark) then
    local count
    local sealed = redis.call('HGET', KEYS[3], mark)
    if sealed then
      count = { mark, string.match(sealed, '^([^|]*)|([^|]*)|([^|]*)|([^|]*)|([^|]*)|([^|]*)|([^|]*)|([^|]*)$') }
    else
      local episode = load(KEYS[4 + fingerprints + i])
      if episode and episode.uid ~= '' and episode.fingerprint .. '|' .. episode.intent == mark then
        count = { mark, episode.ns, episode.name, episode.uid, episode.intent, text(episode.count), text(episode.first), text(episode.last),
          episode.resolvedAt and text(episode.resolvedAt) or '' }
      end
    end
    if count then
      redis.call('ZADD', KEYS[2], until_, mark)
      counts[#counts + 1] = count
    else
      redis.call('ZREM', KEYS[2], mark)
    end
  end
end

local nextDue
for i = 1, 2 do
  local first = redis.call('ZRANGE', KEYS[i], 0, 0, 'WITHSCORES')
  if first[2] then nextDue = math.min(nextDue or math.huge, tonumber(first[2])) end
end
return { intents, counts, nextDue and text(math.max(0, nextDue - now)) or '' }`;

const words = (length: number) => v.pipe(v.array(v.string()), v.length(length));

export const leaseScript = defineScript({
  lua: [header, time, episodes, main].join("\n"),
  reply: v.strictTuple([v.array(words(4)), v.array(words(9)), v.string()]),
});
