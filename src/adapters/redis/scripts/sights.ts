import * as v from "valibot";
import { DEAD_LETTER_LIFE_MS, DEAD_RETRY_MS } from "../../../domain/ledger-limits.ts";
import { defineScript } from "../script.ts";
import { time } from "./time.ts";

const Text = v.string();
const EIGHT_TEXTS = [Text, Text, Text, Text, Text, Text, Text, Text] as const;

/** Defines `stateOf`. */
const LETTER_STATE = `-- A dead episode is over with its letter.
local function stateOf(state, letterAt)
  if state == 'dead' and now - tonumber(letterAt) >= ${DEAD_LETTER_LIFE_MS} then return 'ended' end
  return state
end`;

export const glimpseScript = defineScript({
  lua: `
-- What an alert of each fingerprint would meet. Changes nothing. O(fingerprints).
-- KEYS  per fingerprint its episode and the record of its group
-- ARGV  1 virtual now or ''  2 caller's now
-- Reply per fingerprint { none | waiting | pending | live | dead | ended, occurrences, namespace, name, buffering | storm | '', members,
--       threshold, letter's kind or '', due for another try 1 | 0 }
${time}
${LETTER_STATE}
local function openWindow(group)
  local pointers = redis.call('HMGET', group, 'joinable', 'buffering')
  for i, kind in ipairs({ 'storm', 'buffering' }) do
    local id = pointers[i] and string.sub(pointers[i], 66)
    local held = id and redis.call('HMGET', group, id .. ':size', id .. ':threshold', id .. ':dueAt')
    if held and held[1] and (kind == 'buffering' or now < (tonumber(held[3] or '') or now)) then return kind, held[1], held[2] end
  end
  return '', '0', '0'
end
local glimpses = {}
for i = 1, #KEYS, 2 do
  local held = redis.call('HMGET', KEYS[i], 'state', 'count', 'others', 'ns', 'name', 'window', 'letter', 'letterAt', 'diedAt')
  local count = (tonumber(held[2] or '') or 0) + (tonumber(held[3] or '') or 0)
  local state, ns, name = stateOf(held[1], held[8]) or 'none', held[4] or '', held[5] or ''
  if state == 'held' then
    local id = string.sub(held[6], 66)
    local window = redis.call('HMGET', KEYS[i + 1], id .. ':state', id .. ':ns', id .. ':name')
    state, ns, name = window[1] or 'ended', window[2] or '', window[3] or ''
  end
  local kind, members, threshold = openWindow(KEYS[i + 1])
  local letter = state == 'dead' and held[7] or ''
  local due = letter ~= '' and now - tonumber(held[9]) >= ${DEAD_RETRY_MS}
  glimpses[#glimpses + 1] = { state, text(count), ns, name, kind, members, threshold, letter, due and '1' or '0' }
end
return glimpses`,
  reply: v.array(v.strictTuple([v.picklist(["none", "waiting", "pending", "live", "dead", "ended"]), ...EIGHT_TEXTS])),
});

export const listWindowsScript = defineScript({
  lua: `
-- Names windows, the next due first. Changes nothing. O(offset + limit).
-- KEYS  1 windows
-- ARGV  1 offset  2 limit
-- Reply { total, subjects }
local first = tonumber(ARGV[1])
return { string.format('%.0f', redis.call('ZCARD', KEYS[1])), redis.call('ZRANGE', KEYS[1], first, first + tonumber(ARGV[2]) - 1) }`,
  reply: v.strictTuple([Text, v.array(Text)]),
});

const SIGHT_FIELDS = [
  ...[
    "state",
    "expired",
    "closedAt",
    "origin",
    "alertname",
    "size",
    "count",
    "threshold",
    "openedAt",
    "dueAt",
    "ns",
    "name",
    "firstRequest",
  ],
  ...["intent", "carried"],
];

export const readWindowsScript = defineScript({
  lua: `
-- Reads windows. Changes nothing. O(windows).
-- KEYS  the record of each window's group
-- ARGV  their ids
-- Reply per window { ${SIGHT_FIELDS.join(", ")} }, empty where it is gone
local sights = {}
for i, key in ipairs(KEYS) do
  local fields = redis.call('HMGET', key, ${SIGHT_FIELDS.map((field) => `ARGV[i] .. ':${field}'`).join(", ")})
  sights[i] = fields[1] and fields or {}
end
return sights`,
  reply: v.array(v.array(Text)),
});

export const readMembersScript = defineScript({
  lua: `
-- Names members of a window, in the order of joining. Changes nothing. O(limit).
-- KEYS  1 members of its group
-- ARGV  1 window's id  2 after this place  3 up to this place or ''  4 limit
-- Reply their entries
local function place(seq) return string.format('%09d', seq) end
local last = ARGV[3] == '' and ';' or ':' .. place(tonumber(ARGV[3]) + 1) .. ':'
return redis.call('ZRANGEBYLEX', KEYS[1], '[' .. ARGV[1] .. ':' .. place(tonumber(ARGV[2]) + 1) .. ':', '(' .. ARGV[1] .. last, 'LIMIT', 0, tonumber(ARGV[4]))`,
  reply: v.array(Text),
});

export const readDraftsScript = defineScript({
  lua: `
-- Reads what requests would be made from. Changes nothing. O(fingerprints).
-- KEYS  one episode each
-- Reply per fingerprint its draft or ''
local drafts = {}
for i, key in ipairs(KEYS) do drafts[i] = redis.call('HGET', key, 'draft') or '' end
return drafts`,
  reply: v.array(Text),
});

export const knownUidsScript = defineScript({
  lua: `
-- Names the objects of a group's storms. Changes nothing. O(windows of the group).
-- KEYS  1 the group's record
-- Reply their uids
local known = {}
for _, field in ipairs(redis.call('HKEYS', KEYS[1])) do known[#known + 1] = string.match(field, '^uid:(.*)$') end
return known`,
  reply: v.array(Text),
});

export const flushScript = defineScript({
  lua: `
-- Makes a window due now where it takes alerts. O(1).
-- KEYS  1 windows  2 the record of its group
-- ARGV  1 virtual now or ''  2 caller's now  3 its subject
-- Reply 1 where it did, else 0
${time}
local id = string.sub(ARGV[3], 66)
local held = redis.call('HMGET', KEYS[2], id .. ':state', id .. ':expired', id .. ':dueAt')
if not held[1] or held[1] == 'ended' or held[2] ~= '' or (held[3] or '') == '' then return '0' end
redis.call('HSET', KEYS[2], id .. ':dueAt', text(now))
redis.call('ZADD', KEYS[1], text(now), ARGV[3])
return '1'`,
  reply: v.picklist(["0", "1"]),
});

export const receiptScript = defineScript({
  lua: `
-- Reads what became of a fingerprint. Changes nothing. O(1).
-- KEYS  1 its episode
-- ARGV  1 virtual now or ''  2 caller's now
-- Reply { state, occurrences, namespace, name, window or '', steps, draft }, empty where nothing is known of it
${time}
${LETTER_STATE}
local held = redis.call('HMGET', KEYS[1], 'state', 'count', 'others', 'ns', 'name', 'window', 'steps', 'draft', 'letterAt')
if not held[1] then return {} end
local count = (tonumber(held[2] or '') or 0) + (tonumber(held[3] or '') or 0)
return { stateOf(held[1], held[9]), text(count), held[4] or '', held[5] or '', held[6] or '', held[7] or '', held[8] or '' }`,
  reply: v.array(Text),
});

export const windowStepsScript = defineScript({
  lua: `
-- Reads what became of a window's request. Changes nothing. O(1).
-- KEYS  1 the record of its group
-- ARGV  1 the window's id
-- Reply { state, namespace, name, steps }, empty where it is gone
local held = redis.call('HMGET', KEYS[1], ARGV[1] .. ':state', ARGV[1] .. ':ns', ARGV[1] .. ':name', ARGV[1] .. ':steps')
return held[1] and held or {}`,
  reply: v.array(Text),
});
