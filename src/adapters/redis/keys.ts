/**
 * Every key of a cluster's ledger. All begin with the version of what is stored and the cluster's name, which is also the hash tag: one
 * script's keys then lie on one shard of a Redis Cluster, and no cluster can meet another's fingerprints.
 */
export const keysOf = (cluster: string) => {
  const key = (...parts: string[]): string => ["bw1", `{${cluster}}`, ...parts].join(":");
  return {
    /** Hash, one per fingerprint: the episode, the draft of its request, who fires. */
    episode: (fingerprint: string) => key("episode", fingerprint),
    /** Hash, one per group of alerts: its windows, field by field behind `<window>:`; which of them take alerts; object → window. Never expires. */
    group: (id: string) => key("group", id),
    /** Sorted set, one per group: `<window>:<place>:<fingerprint>:<target>` of each member, all of one score. Never expires. */
    members: (id: string) => key("members", id),
    /** Sorted set, `<group>.<window>` → when it is due (Unix ms). Never expires. */
    windows: key("windows"),
    /** Hash, how many alerts wait in windows: in all, and of each namespace, and of each source. Never expires. */
    buffered: key("buffered"),
    /** Sorted set, subject → when its open intent is due (Unix ms). Never expires. */
    intents: key("intents"),
    /** Hash, namespace → its open intents; `:intents`, `:counts` and `:sources` → how far an index was looked through; `:recounted` → when `buffered` was last counted anew (Unix ms). Never expires. */
    intentsOf: key("intents", "of"),
    /** Sorted set, subject → when its open intent was written (Unix ms). Never expires. */
    intentsSince: key("intents", "since"),
    /** Sorted set, all of one score: the open intents by namespace, `<namespace>:<0 due at once, 1 later>:<due>:<subject>`, and by source, `~<source>:<subject>`. Never expires. */
    intentTurns: key("intents", "turns"),
    /** Sorted set, namespace → when its intents are next served (Unix ms); `!<namespace>`: Kubernetes refuses it. Never expires. */
    intentsServed: key("intents", "served"),
    /** Sorted set, subject|intent → when its count is due (Unix ms). Never expires. */
    counts: key("counts"),
    /** As intentTurns, of counts. */
    countTurns: key("counts", "turns"),
    /** As intentsServed, of counts. */
    countsServed: key("counts", "served"),
    /** Hash, fingerprint|intent → what is still owed to the object of an episode that is over. Never expires. */
    sealed: key("sealed"),
    /** Hash, delivery:alert → how it was answered, when. Lives twice the delivery time, capped. */
    seen: key("seen"),
    /** Sorted set, the same members → when first seen (Unix ms). */
    seenAt: key("seen", "at"),
    /** Hash, session of a watch → its last heartbeat (Unix ms). Lives twice as long as a heartbeat holds. */
    sessions: key("sessions"),
    /** Hash, source → how many alerts it may still send, and when that was. Never expires. */
    rates: key("rates"),
    /** Hash and sorted set, there only while it is tried whether Redis does what is needed. */
    probe: key("probe"),
    probeSet: key("probe", "set"),
    /** Hash, counter → value. */
    counters: key("counters"),
    /** Hash, the dead letters of invalid alerts, two fields each. Those of intents lie with their episodes. Lives twice as long as the last letter. */
    invalidLetters: key("letters", "invalid"),
    /** Hash, feature → the share of namespaces that a person has set, and when; `<feature>:told` → shares that gateways' settings say, and when each was told. Never expires. */
    flags: key("flags"),
    /** Hash, what features are judged by: `<rule>:<arm>` → its votes and evidence, and what has been counted since the last votes. Never expires. */
    canary: key("canary"),
    /** Hash, where the version before kept a dead letter of an invalid alert. Lives 14 days after it was last seen. */
    formerLetter: (id: string) => key("letter", id),
    /** Sorted set, every dead letter under its names, all of one score: by time, kind, source and age. Forgets what is over. */
    letters: key("letters", "index"),
  };
};

export type Keys = ReturnType<typeof keysOf>;
