import { collisions } from "./collisions.ts";
import { counters } from "./counters.ts";
import { counts } from "./counts.ts";
import { deadEpisodes, letterIndex, letters } from "./dead-letters.ts";
import { episodes } from "./episodes.ts";
import { applyFact, bindings, facts, looks } from "./facts.ts";
import { intents } from "./intents.ts";
import { members } from "./members.ts";
import { records } from "./records.ts";
import { steps } from "./steps.ts";
import { storms } from "./storms.ts";
import { versions } from "./versions.ts";
import { windows } from "./windows.ts";

/** The keys that every script here begins with. */
export const SHARED_KEYS = "1 intents  2 intentsOf  3 counts  4 sealed  5 counters  6 intentsSince  7 windows  8 buffered  9 letters";
export const SHARED_KEY_COUNT = 9;

/** What records, windows and their members are, in the order in which the fragments build on each other. Needs `time`. */
export const recordRules = [
  records,
  episodes,
  steps,
  counters,
  letterIndex,
  letters,
  counts,
  intents,
  deadEpisodes,
  windows,
  members,
  storms,
].join("\n");

/** Everything a script needs that applies facts, too. Needs `time` and `lease`. */
export const episodeRules = [recordRules, versions, facts, looks, collisions, bindings, applyFact].join("\n");
