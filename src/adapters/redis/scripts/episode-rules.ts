import { collisions } from "./collisions.ts";
import { counters } from "./counters.ts";
import { counts } from "./counts.ts";
import { episodes } from "./episodes.ts";
import { applyFact, facts } from "./facts.ts";
import { intents } from "./intents.ts";
import { versions } from "./versions.ts";

/** Everything a script needs that applies facts to episodes, in the order in which the fragments build on each other. Needs `time`, `lease` and `intentsSince`. */
export const episodeRules = [episodes, counters, counts, intents, versions, facts, collisions, applyFact].join("\n");
