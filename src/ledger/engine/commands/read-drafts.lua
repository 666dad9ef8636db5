-- Reads what requests would be made from. Changes nothing. O(fingerprints).
-- KEYS  one episode each
-- ARGV  none
-- Reply per fingerprint its draft or ''
local drafts = {}
for i, key in ipairs(KEYS) do drafts[i] = redis.call('HGET', key, 'draft') or '' end
return drafts
