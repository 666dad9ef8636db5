import * as v from "valibot";
import { defineScript } from "../script.ts";
import { episodeRules } from "./episode-rules.ts";
import { time } from "./time.ts";

const header = `
-- Applies facts in order, each on its own; one applied twice changes nothing the second time. O(facts).
-- KEYS  1 intents  2 intentsOf  3 counts  4 sealed  5 counters  6 intentsSince, then one episode per fact
-- ARGV  1 virtual now or ''  2 caller's now  3 lease ms  4 facts, then 16 fields per fact
-- Reply per fact { bound | applied | dropped, occurrences }`;

const main = `
local outcomes = {}
for i = 1, tonumber(ARGV[4]) do
  local kind, count = applyFact(KEYS[6 + i], factAt(4 + (i - 1) * FACT_FIELDS + 1))
  outcomes[i] = { kind, count }
end
return outcomes`;

export const factScript = defineScript({
  lua: [header, time, "local lease, intentsSince = tonumber(ARGV[3]), KEYS[6]", episodeRules, main].join("\n"),
  reply: v.array(v.strictTuple([v.picklist(["bound", "applied", "dropped"]), v.string()])),
});
