/** Bounds and times of the ledger that nobody needs to set. The engine's Lua knows each by its name. */

/** Instances, resolved instances and event uids remembered of one fingerprint; beyond it an episode never counts as resolved. */
export const MEMBERS_MAX = 64;

/**
 * Most occurrences that a count tells of, which stands for "as many or more": what the count of a Kubernetes Event can hold (int32). Sums stay at it, so
 * that no two counts from outside add up to one that a part on the way cannot hold or refuses.
 */
export const OCCURRENCES_MAX = 2_147_483_647;

/** Least time between two status writes of one object by one writer: what keeps a flood of repeats off the API server. */
export const WRITE_EVERY_MS = 5_000;

/** An episode nobody touched for so long is forgotten; a live request is found again through Kubernetes. Twelve default repeat intervals of Alertmanager. */
export const EPISODE_LIFE_MS = 48 * 3_600_000;

/** How long an intent is tried for before it is given up: what breaks in an evening is mended by the next. */
export const INTENT_LIFE_MS = 24 * 3_600_000;

/** Least time after a request was given up before an alert tries it again: what was mended is found within it, and what was not costs one try. */
export const DEAD_RETRY_MS = 300_000;

export const DEAD_LETTER_LIFE_MS = 7 * 24 * 3_600_000;

/**
 * Dead letters kept of one source: so many of invalid alerts, of which old ones of the namespace with most then go, and so many of requests, which
 * then are tried on. Some 16 MB each.
 */
export const DEAD_LETTERS_MAX = 1_000;

/** Remembered alerts of deliveries in a cluster, about 75 MB; over it the oldest go and their repeats may count again. */
export const SEEN_MAX = 500_000;

/**
 * How long the answers of a delivery count that was not decided to its end: its sender comes again for some minutes, later and later, and is to find
 * more of it done each time. Alertmanager tries for its `group_interval`, 5 min unless set.
 */
export const UNFINISHED_LIFE_MS = 600_000;

/** How long an alert that fires again soon after its own resolve waits for another one, where no rule says how long alerts wait: as long as by default. */
export const AGAIN_MS = 45_000;

/** How long a window of such alerts takes more of them in. */
export const AGAIN_JOIN_MS = 5_000;

/** How long a heartbeat of a watch vouches for what was seen under its session: two are sent in that time. */
export const SESSION_ALIVE_MS = 45_000;

/** How old what somebody saw may be when the ledger hears of it: a watch that hangs is noticed after 35 s, and calls take their time. */
export const SIGHT_AGE_MAX_MS = 60_000;

/** Objects of a fingerprint remembered to have gone while an ensure was under way. */
export const LOST_MAX = 16;

/** Share of the open intents, and of a source's dead letters of requests, that one namespace may hold, so that it cannot use up another's room. */
export const NAMESPACE_SHARE = 5;

/** Steps that a receipt keeps of one fingerprint, about 2 KB. */
export const RECEIPT_STEPS = 24;

/** How long a receipt tells of a step. */
export const RECEIPT_LIFE_MS = 24 * 3_600_000;

/** Members of a storm that one write of its object may list, about 100 bytes each. */
export const MEMBERS_WRITTEN_MAX = 2_000;

/** Places in a storm whose members' labels and annotations are looked up when they are listed: an object has room for fewer. */
export const DETAILED_MAX = 1_000;

/** Members that a storm's request is made with; later ones are told by counts. As many as one call brings, so that a Worker can read them in one run. */
export const CARRIED_MAX = 500;

/** How long a namespace is left alone that Kubernetes refuses: what was mended is found within it, and what was not costs one try. */
export const NAMESPACE_RETRY_MS = 5_000;

/** Turns that one call looks at in vain: as many as Redis gets through in some 5 ms. */
export const OUTDATED_MAX = 2_000;

/** How often it is counted anew how many alerts wait. */
export const RECOUNT_EVERY_MS = 3_600_000;

/** Windows up to which that is done, as one call takes Redis some 10 ms. */
export const RECOUNT_MAX = 1_000;

/** How long a setting counts that a gateway has told: somewhat longer than a Worker's runs lie apart, one of which may fail. */
export const SETTING_COUNTS_MS = 150_000;

/** How often the same setting is noted. */
export const SETTING_TOLD_EVERY_MS = 30_000;

/** Changes of overrides that stay. */
export const FLAG_CHANGES_MAX = 50;

/** For how long after the first reading of what is owed a version before, which counts none of that, may work beside this one. */
export const OWED_ANEW_MS = 3_600_000;

/** Evidence that a rollback takes: with less, healthy features are turned off by chance; more finds a fault later. `figures -- canary` simulates both. */
export const EVIDENCE_LEAST = 2_000_000;

/** No weight of evidence grows beyond it, so that none becomes infinite. */
export const WEIGHT_MAX = 1e300;

/** Votes that a rule needs before it can pass. */
export const VOTES_LEAST = 30;

/** Alerts that the proof of a rollback names. */
export const PROOFS_MAX = 20;

/** How long a duplicate that was answered from a remembered state waits for the end of its request to be learnt. */
export const ANSWER_JUDGED_MS = 300_000;

/** Characters of the times of such duplicates that are kept of one request: sixteen of them. */
export const ANSWERS_CHARACTERS = 256;

/** From here on a repeat may take a look at Kubernetes, as far as its rule is concerned: so long after its intent. */
export const REPEAT_LATE_MS = 300_000;

/** Requests to Kubernetes that are normal for each that is needed, doubled, as the rule's limit is one half: 20 % more than one. */
export const LOAD_NORMAL = 2.4;

/** How long after its last member a storm's object may take to list all. */
export const LISTED_WITHIN_MS = 60_000;
