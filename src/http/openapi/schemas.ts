import { FORMER_INVALID_REASONS, INVALID_REASONS } from "../../domain/alert.ts";
import { FEATURES, SHARE } from "../../domain/feature.ts";
import { OUTCOMES, REASONS, RUNGS } from "../../domain/outcome.ts";
import { RULE_STATES, RULES } from "../../domain/rule.ts";
import { TROUBLES } from "../../domain/trouble.ts";
import { LETTER_KINDS, type Receipt, STEP_EVENTS, type WindowSight } from "../../ports/ledger.ts";
import { array, count, fingerprint, nullable, object, reference, text, texts, time } from "./parts.ts";

/** All words of a type: one that is added there, and is missing here, does not compile. */
const wordsOf = <Word extends string>(words: Readonly<Record<Word, true>>): readonly string[] => Object.keys(words);

const STATES = wordsOf<Receipt["state"]>({ buffered: true, pending: true, live: true, dead: true, ended: true });
const WINDOW_STATES = wordsOf<WindowSight["state"]>({
  buffering: true,
  pending: true,
  live: true,
  closed: true,
  expired: true,
  ended: true,
});
const ref = nullable(object({ namespace: text, name: text }));
const severity = { enum: ["critical", "warning", "info"] };

const result = {
  fingerprint,
  outcome: { enum: OUTCOMES },
  remediationRequest: ref,
  occurrenceCount: count,
  reason: { enum: REASONS },
  rung: { enum: RUNGS },
};

const feature = { enum: FEATURES };
const percent = { type: "integer", minimum: 0, maximum: 100 };
const change = object({
  at: time,
  feature,
  percent: { ...nullable(percent), description: "null: the override was taken back." },
  by: text,
  reason: text,
});
const mean = { ...nullable({ type: "number" }), description: "Of the votes in its window, 0 to 1; null: there are none." };
const arm = object({ votes: count, units: count, mean });
const judged = {
  limit: { type: "number" },
  windowMinutes: count,
  state: { enum: RULE_STATES },
  mean,
  evidence: { type: "number" },
  votes: count,
  units: count,
};
const outcomes = { type: "object", additionalProperties: count, description: "Alerts by outcome." };

/** Everything that answers hold, by name. */
export const schemas = {
  Answer: object({ requestId: text, results: array(reference("Result")) }),
  Result: object(result),
  DryAnswer: object({ requestId: text, results: array(reference("DryResult")) }),
  DryResult: object({
    ...result,
    stormRule: { ...nullable(text), description: "The STORM_RULE_<NAME> that is for the alert, in lower case; null: none is." },
    explain: nullable(reference("Explain")),
  }),
  Explain: object({
    rule: { ...text, description: "The rule that found the target; `rule:<name>`: the TARGET_RULE_<NAME>." },
    target: {
      type: "object",
      properties: { namespace: text, kind: text, name: text, group: text },
      required: ["namespace", "kind", "name"],
    },
    used: { ...array(text), description: "Labels that name the target." },
    setAside: { ...array(object({ label: text, why: text })), description: "Labels that name something and were not believed." },
    apart: { ...array(text), description: "Labels that tell problems of one target apart." },
    passedOver: { ...array(object({ rule: text, why: text })), description: "Operators' rules that match and could not be used." },
  }),
  Problem: object({ status: { type: "integer" }, code: text, title: text, detail: text }),
  DeadLetter: object({
    id: { ...fingerprint, description: "Of invalid alerts that of their cause, else the fingerprint whose request could not be made." },
    kind: {
      enum: LETTER_KINDS,
      description:
        "invalid: cannot be judged. refused: Kubernetes will never take its request. exhausted: that could not be made for a day.",
    },
    source: text,
    reason: { enum: [...new Set<string>([...INVALID_REASONS, ...FORMER_INVALID_REASONS, ...TROUBLES])] },
    signalType: { enum: ["prometheus-alert", "kubernetes-event"] },
    retrying: { type: "boolean", description: "The request is being tried for again." },
    count: { type: "integer", minimum: 1 },
    firstSeen: time,
    lastSeen: time,
    payload: { type: "string", description: "The JSON of the alert that came last, at most 16 KiB; it may be cut." },
  }),
  Flags: object({ cluster: text, features: array(reference("Flag")), changes: array(change) }),
  Flag: object({
    feature,
    percent: { ...percent, description: "Of the namespaces, by which all gateways decide: the lowest of settings and override." },
    settingPercent: { ...percent, description: "The setting of the gateway that answers." },
    lowestSettingPercent: { ...percent, description: "Of those that gateways have told within 150 s." },
    override: nullable(object({ percent, at: time, by: nullable(text), reason: nullable(text) })),
    lost: { ...nullable(object({ percent, at: time, noticedAt: time })), description: "An override that Redis has lost." },
    arms: object({ on: outcomes, off: outcomes }),
    rollback: {
      ...nullable(object({ at: time, rule: { enum: RULES }, ...judged, alerts: array(text) })),
      description: "What has turned it off, as it stood then; null: nothing, or it is acknowledged.",
    },
    rules: array(object({ rule: { enum: RULES }, ...judged, blind: { type: "boolean" }, off: arm, alerts: array(text) })),
    next: {
      ...nullable(object({ percent, needs: array(object({ rule: { enum: RULES }, state: { enum: RULE_STATES } })) })),
      description: "The next larger share, and the rules that do not pass yet.",
    },
  }),
  FlagChange: {
    type: "object",
    additionalProperties: false,
    properties: {
      cluster: text,
      feature,
      share: { anyOf: [{ type: "string", pattern: SHARE.source }, { type: "boolean" }, { type: "null" }] },
      reason: { type: "string", maxLength: 500, pattern: "\\S" },
      acknowledge: { enum: RULES, description: "The rule that has turned it off." },
    },
    required: ["feature", "share", "reason"],
  },
  Window: object({
    id: { type: "string", pattern: "^[0-9a-f]{64}\\.[0-9a-f]{32}$" },
    state: {
      enum: WINDOW_STATES,
      description:
        "buffering: below its threshold. pending, live: a storm whose request is decided on, or there. The rest takes no more alerts.",
    },
    namespace: text,
    alertname: text,
    members: count,
    occurrenceCount: count,
    threshold: { type: "integer", minimum: 2 },
    openedAt: time,
    dueAt: { ...nullable(time), description: "null: nothing is to be done until its request ends." },
    remediationRequest: ref,
  }),
  Member: object({
    seq: { type: "integer", minimum: 1, description: "Its place in the order of joining; the last one is the next page's `after`." },
    fingerprint,
    target: { type: "string", description: "namespace:Kind:name" },
    severity,
    source: text,
    startsAt: time,
    labels: texts,
  }),
  Receipt: object({
    cluster: text,
    fingerprint,
    state: { enum: STATES },
    occurrenceCount: count,
    remediationRequest: ref,
    alert: {
      ...nullable(object({ name: text, namespace: text, severity, source: text, startsAt: time, labels: texts, annotations: texts })),
      description: "As it last fired.",
    },
    steps: { ...array(reference("Step")), description: "What became of it within a day, oldest first." },
  }),
  Step: object({
    at: time,
    event: { enum: [...OUTCOMES, ...STEP_EVENTS], description: "An outcome, or what happened to its request or window afterwards." },
    reason: nullable({ enum: [...REASONS, ...RULES] }),
    source: nullable(text),
    remediationRequest: ref,
  }),
};
