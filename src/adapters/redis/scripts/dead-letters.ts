import { DEAD_LETTER_LIFE_MS, DEAD_LETTERS_MAX, DEAD_RETRY_MS } from "../../../domain/ledger-limits.ts";

/** Defines `moment`, `isKept`, `indexLetter`, `unindexLetter`, `forgetLetters`, `isFull` over KEYS 9 letters. Needs `text` and `now`. */
export const letterIndex = `
-- Dead letters stand in one sorted set, all of one score, each under four names, so that a range by text is a page, a kind, a source or an age:
-- all:<last>:<id>:<kind>:<source>:<first>, kind:<kind>:<last>:<id>, of:<source>:<last>:<id>, since:<first>:<id>; times in 15 digits.
local function moment(at) return string.format('%015.0f', at) end
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

local function isKept(last) return last ~= nil and now - last < ${DEAD_LETTER_LIFE_MS} end
-- Names after this one are of letters that are not over.
local function oldest(prefix) return '(' .. prefix .. ':' .. moment(now - ${DEAD_LETTER_LIFE_MS}) .. ';' end

-- Forgets what is over, a hundred at most.
local function forgetLetters()
  for _, name in ipairs(redis.call('ZRANGEBYLEX', KEYS[9], '[all:', oldest('all'), 'LIMIT', 0, 100)) do
    local last, id, kind, source, first = string.match(name, '^all:(%d+):([^:]*):([^:]*):([^:]*):(%d+)$')
    unindexLetter({ id = id, kind = kind, source = source, first = tonumber(first), last = tonumber(last) })
  end
end

local function isFull(source)
  forgetLetters()
  return redis.call('ZLEXCOUNT', KEYS[9], oldest('of:' .. source), '(of:' .. source .. ';') >= ${DEAD_LETTERS_MAX}
end`;

/** Defines `hasLetter`, `dropLetter`, `touchLetter`. Needs letterIndex and records. */
export const letters = `
-- The dead letter of an intent lies in its episode's record: letter (its kind), trouble (why), letterAt (last seen), diedAt (last given up).
local function letterOf(episode)
  return { id = episode.subject, kind = episode.letter, source = episode.source, first = episode.first, last = episode.letterAt }
end
local function hasLetter(episode) return episode.letter ~= '' and isKept(episode.letterAt) end

local function dropLetter(episode)
  if episode.letter == '' then return end
  unindexLetter(letterOf(episode))
  episode.letter, episode.trouble, episode.letterAt, episode.diedAt, episode.replayedAt = '', '', nil, nil, nil
end

local function touchLetter(episode)
  unindexLetter(letterOf(episode))
  episode.letterAt = now
  indexLetter(letterOf(episode))
end`;

/** Defines `LETTER_REASONS`, `die`, `reopen`. Needs letters, intents and steps. */
export const deadEpisodes = `
local LETTER_REASONS = { refused = 'request-refused', exhausted = 'retries-exhausted' }

-- Gives the open intent of a fingerprint up: it becomes a dead letter, which one that it has already turns into. False: its source has no room.
local function die(episode, kind, trouble)
  if not hasLetter(episode) and isFull(episode.source) then return false end
  closeIntent(episode)
  dropLetter(episode)
  episode.state, episode.letter, episode.trouble, episode.letterAt, episode.diedAt = 'dead', kind, trouble, now, now
  indexLetter(letterOf(episode))
  note(episode, 'dead-lettered', LETTER_REASONS[kind], '', '', '')
  return true
end

-- Tries again under the same intent: an object that was made for it unheard is found.
local function reopen(episode, due)
  episode.state, episode.tries = 'pending', 1
  openIntent(episode, due, now)
end`;

/** Defines `keepLetter` for invalid alerts. Needs letterIndex and `source`. */
export const invalidLetters = `
-- Keeps a bad alert where people find it, the same one once with a count; nil where its source has no room for another.
local function keepLetter(key, alert)
  local known = redis.call('HMGET', key, 'source', 'first', 'last')
  local first, last = tonumber(known[2] or ''), tonumber(known[3] or '')
  if not isKept(last) and isFull(source) then return nil end
  if last then unindexLetter({ id = alert.fingerprint, kind = 'invalid', source = known[1], first = first, last = last }) end
  if not isKept(last) then
    redis.call('DEL', key)
    first = now
  end
  local count = redis.call('HINCRBY', key, 'count', 1)
  redis.call('HSET', key, 'source', source, 'reason', alert.reason, 'first', text(first), 'last', text(now), 'payload', alert.body,
    'signalType', alert.signalType)
  redis.call('PEXPIRE', key, ${2 * DEAD_LETTER_LIFE_MS})
  indexLetter({ id = alert.fingerprint, kind = 'invalid', source = source, first = first, last = now })
  bump('quarantined', 1)
  return text(count)
end`;

/** Defines `judgeDead`. Needs judgements, openings, deadEpisodes and `operation`. */
export const judgeDead = `
-- Counts on the dead letter. One alert in ${DEAD_RETRY_MS / 60_000} min tries for the request again.
local function judgeDead(episode, alert)
  local verdict = counted(episode, alert, 'quarantined', LETTER_REASONS[episode.letter], 'cache')
  touchLetter(episode)
  if now - episode.diedAt < ${DEAD_RETRY_MS} or not hasIntentRoom(episode.origin, intentsMax) then return verdict, episode end
  reopen(episode, now + lease)
  episode.retriedBy = operation
  return { 'ensure', 'request-retried', 'cache', occurrences(episode), episode.intent, '', '', '', episode.subject }, episode
end`;
