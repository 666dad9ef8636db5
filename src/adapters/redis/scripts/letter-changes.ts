import * as v from "valibot";
import { defineScript } from "../script.ts";
import { recordRules, SHARED_KEY_COUNT, SHARED_KEYS } from "./episode-rules.ts";
import { time } from "./time.ts";

const letter = `
local letterKey, episodeKey = KEYS[${SHARED_KEY_COUNT + 1}], KEYS[${SHARED_KEY_COUNT + 2}]
-- The letter of an invalid alert as it stands in the index; nil: there is none.
local function invalidLetter(id)
  local held = redis.call('HMGET', letterKey, 'source', 'first', 'last')
  if not isKept(tonumber(held[3] or '')) then return nil end
  return { id = id, kind = 'invalid', source = held[1], first = tonumber(held[2]), last = tonumber(held[3]) }
end
local function deadEpisode()
  local episode = load(episodeKey, '')
  return episode and hasLetter(episode) and episode or nil
end`;

const KEYS_AND_TIME = `-- KEYS  ${SHARED_KEYS}, then its letter and its episode
-- ARGV  1 virtual now or ''  2 caller's now`;

export const discardScript = defineScript({
  lua: `
-- Forgets a dead letter, and stops trying for its request. Sent twice, it leaves the state of one. O(1).
${KEYS_AND_TIME}  3 its id
-- Reply 1 where there was one, else 0
${[time, recordRules, letter].join("\n")}
local invalid, episode = invalidLetter(ARGV[3]), deadEpisode()
if invalid then
  unindexLetter(invalid)
  redis.call('DEL', letterKey)
elseif episode then
  closeIntent(episode)
  dropLetter(episode)
  episode.state = 'ended'
  note(episode, 'letter-discarded', '', '', '', '')
  keep(episode)
end
return (invalid or episode) and '1' or '0'`,
  reply: v.picklist(["0", "1"]),
});

export const replayScript = defineScript({
  lua: `
-- Opens the intent of a dead letter again, due now, for another day; one that is open stays as it is. O(1).
${KEYS_AND_TIME}  3 its id  4 intents max
-- Reply opened | full | invalid | unknown
${[time, recordRules, letter].join("\n")}
if invalidLetter(ARGV[3]) then return 'invalid' end
local episode = deadEpisode()
if not episode then return 'unknown' end
if episode.state == 'dead' then
  if not hasIntentRoom(episode.origin, tonumber(ARGV[4])) then return 'full' end
  reopen(episode, now)
end
if not episode.replayedAt then
  note(episode, 'letter-replayed', '', '', '', '')
  episode.replayedAt = now
end
keep(episode)
return 'opened'`,
  reply: v.picklist(["opened", "full", "invalid", "unknown"]),
});
