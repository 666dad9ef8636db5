import * as v from "valibot";
import { defineScript } from "../script.ts";
import { episodeRules, SHARED_KEY_COUNT, SHARED_KEYS } from "./episode-rules.ts";
import { time } from "./time.ts";

const header = `
-- Applies facts in order, each on its own; one applied twice changes nothing the second time. O(facts).
-- KEYS  ${SHARED_KEYS}, then record and members of each group, then one record per fact
-- ARGV  1 virtual now or ''  2 caller's now  3 lease ms  4 facts  5 groups, then their ids, then 20 fields per fact
-- Reply per fact { bound | applied | dropped, occurrences }`;

const main = `
local groupCount, outcomes = tonumber(ARGV[5]), {}
declareGroups(groupCount, 6, ${SHARED_KEY_COUNT + 1})
for i = 1, tonumber(ARGV[4]) do
  local kind, count = applyFact(KEYS[${SHARED_KEY_COUNT} + 2 * groupCount + i], factAt(6 + groupCount + (i - 1) * FACT_FIELDS))
  outcomes[i] = { kind, count }
end
saveWindows()
return outcomes`;

export const factScript = defineScript({
  lua: [header, time, "local lease = tonumber(ARGV[3])", episodeRules, main].join("\n"),
  reply: v.array(v.strictTuple([v.picklist(["bound", "applied", "dropped"]), v.string()])),
});
