-- The rules that features are judged by: of each its feature's number, the limit of its mean bad share, and its window in votes' minutes.
local RULES = {
  { name = 'accuracy', feature = 1, limit = 0.10, minutes = 5 },
  { name = 'collisions', feature = 1, limit = 0.05, minutes = 5 },
  { name = 'api-load', feature = 1, limit = 0.50, minutes = 10 },
  { name = 'state-known', feature = 1, limit = 0.15, minutes = 15 },
  { name = 'failed-updates', feature = 1, limit = 0.10, minutes = 5 },
  { name = 'cost-reduction', feature = 2, limit = 0.20, minutes = 10 },
  { name = 'aggregation', feature = 2, limit = 0.15, minutes = 10 },
  { name = 'buffer-hits', feature = 2, limit = 0.20, minutes = 15 },
  { name = 'expirations', feature = 2, limit = 0.20, minutes = 15 },
  { name = 'bypassing', feature = 2, limit = 0.10, minutes = 10 },
}
for _, rule in ipairs(RULES) do RULES[rule.name] = rule end
