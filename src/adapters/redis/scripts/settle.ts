import * as v from "valibot";
import { WRITE_EVERY_MS } from "../../../domain/ledger-limits.ts";
import { defineScript } from "../script.ts";
import { counters } from "./counters.ts";
import { counts } from "./counts.ts";
import { episodes } from "./episodes.ts";
import { time } from "./time.ts";
import { versions } from "./versions.ts";

const header = `
-- Takes back what was leased: counts that were written or whose object is gone leave the queue unless there is more to write by now;
-- what failed is due again later. Sent twice, it leaves the state of one. O(settlements).
-- KEYS  1 intents  2 (unused)  3 counts  4 sealed  5 counters, then one episode per settlement
-- ARGV  1 virtual now or ''  2 caller's now  3 settlements, then per settlement { kind, mark or fingerprint, count or intent,
--       resolvedAt or '' or ms to wait, resourceVersion that showed it or '' }
-- Reply the number of settlements, as text`;

const main = `
local function leave(mark)
  redis.call('ZREM', KEYS[3], mark)
  redis.call('HDEL', KEYS[4], mark)
end

local function settleEpisode(key, mark, count, resolvedAt, version)
  local episode = load(key)
  if not episode or markOf(episode) ~= mark then return false, true end
  episode.recordedAt = now
  -- What was written before a version seen since may have been erased by it.
  local outdated = episode.uid ~= '' and not atLeast(version, episode.rv)
  local news = not outdated and (count > (episode.written or 0) or resolvedAt ~= episode.writtenResolvedAt)
  if not outdated then episode.written, episode.writtenResolvedAt = math.max(episode.written or 0, count), resolvedAt end
  local more = outdated or unwritten(episode)
  save(episode, more or episode.state == 'pending')
  return more, news
end

local function settleRecorded(key, mark, count, resolvedAt, version)
  local sealed = redis.call('HGET', KEYS[4], mark)
  local more, news
  if sealed then
    local owed, resolved = string.match(sealed, '^[^|]*|[^|]*|[^|]*|[^|]*|([^|]*)|[^|]*|[^|]*|([^|]*)$')
    more = tonumber(owed) > count or tonumber(resolved) ~= resolvedAt
  else
    more, news = settleEpisode(key, mark, count, resolvedAt, version)
  end
  if news or not more then bump('updates_succeeded', 1) end
  if more then redis.call('ZADD', KEYS[3], text(now + ${WRITE_EVERY_MS}), mark) else leave(mark) end
end

for i = 1, tonumber(ARGV[3]) do
  local at, key = 3 + (i - 1) * 5, KEYS[5 + i]
  local kind, name, third, fourth = ARGV[at + 1], ARGV[at + 2], ARGV[at + 3], ARGV[at + 4]
  if kind == 'intent-failed' then
    local held = redis.call('HMGET', key, 'state', 'intent')
    if held[1] == 'pending' and held[2] == third then redis.call('ZADD', KEYS[1], 'XX', text(now + tonumber(fourth)), name) end
  elseif redis.call('ZSCORE', KEYS[3], name) then
    if kind == 'count-failed' then bump('updates_failed', redis.call('ZADD', KEYS[3], 'CH', text(now + tonumber(fourth)), name))
    elseif kind == 'lost' then
      leave(name)
      bump('counts_lost', 1)
    else settleRecorded(key, name, tonumber(third), tonumber(fourth), ARGV[at + 5]) end
  end
end
return ARGV[3]`;

export const settleScript = defineScript({
  lua: [header, time, episodes, counters, counts, versions, main].join("\n"),
  reply: v.string(),
});
