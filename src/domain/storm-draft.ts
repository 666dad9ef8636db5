import { base64 } from "./base64.ts";
import type { Labels } from "./labels.ts";
import type { Priority, RequestSpec, Severity } from "./remediation-request.ts";
import { highestOf } from "./urgency.ts";
import { utf8Length } from "./utf8.ts";

/** One alert of a storm, as the storm's request tells of it. */
export interface StormMember {
  readonly fingerprint: string;
  /** `namespace:Kind:name`. */
  readonly target: string;
  readonly severity: Severity;
  readonly priority: Priority;
  /** RFC 3339. */
  readonly firingTime: string;
  /** Null: no room was left for them; the alert's receipt has them. */
  readonly details: { readonly labels: Labels; readonly annotations: Labels } | null;
}

/** What a storm's object tells of a member beside its name. */
export interface MemberDetails {
  /** As memberId. */
  readonly id: string;
  readonly severity: Severity;
  /** RFC 3339. */
  readonly startsAt: string;
  readonly labels: Labels;
  readonly annotations: Labels;
}

/** The same of a member that joined after the object was made. */
export const detailsOf = (fingerprint: string, spec: RequestSpec): MemberDetails => ({
  id: memberId(fingerprint),
  severity: spec.severity,
  startsAt: spec.firingTime,
  labels: spec.signalLabels,
  annotations: spec.signalAnnotations,
});

/** All that is needed to create a storm's request, whichever of its members go into it. */
export interface StormDraft {
  /** 64 hex: the fingerprint of the request. */
  readonly group: string;
  /** 32 hex: one request each. */
  readonly window: string;
  /** As in RequestDraft. */
  readonly namespace: string;
  readonly cluster: string;
  /** How long its group may stay below the threshold, as people read it. */
  readonly stormWindow: string;
  /** What all members have in common: the first one's spec, its labels reduced to those of all. */
  readonly base: RequestSpec;
  readonly members: readonly StormMember[];
  /** The first one's. */
  readonly traceparent?: string;
}

/** The name of the one object that a window's storm has. */
export const stormName = (window: string): string => `rr-storm-${window}`;

/** What tells a member apart in a storm's object: 64 bits, which no two alerts of a storm share by chance. */
export const memberId = (fingerprint: string): string => fingerprint.slice(0, 16);

/** Most members of one storm: what the ids alone take then, made of and listed, leaves room in an object for what else it tells. */
export const STORM_MEMBERS_MAX = 10_000;

/** The API server takes no empty text for bytes. */
const NO_PAYLOAD = base64("{}");

/**
 * The spec of a storm's request (remediation.kubernaut.io/v1alpha1) within `bytesMax` of JSON. Details go first, those of members before the rest,
 * then the names of resources, each in the order of the members from the last. Ids are never cut, nor the labels that all have alike:
 * where these alone are too much, so is the spec.
 */
export function stormSpec(draft: StormDraft, bytesMax: number): RequestSpec {
  const resources = [...new Set(draft.members.map(({ target }) => target))];
  const roomIn = (base: RequestSpec) => bytesMax - jsonBytes(specOf({ ...draft, base }, [], [], true));
  const lean = { ...draft.base, signalAnnotations: {}, originalPayload: NO_PAYLOAD };
  const isLean = roomIn(draft.base) < resources.reduce((sum, name) => sum + jsonBytes(name) + 1, 0);
  const base = isLean ? lean : draft.base;
  const [names, rest] = within(resources, roomIn(base), (name) => jsonBytes(name) + 1);
  // Base64 takes four bytes for three.
  const [told] = within(draft.members.flatMap(tell), rest, (member) => Math.ceil(((jsonBytes(member) + 1) * 4) / 3));
  const isTruncated = isLean || told.length < draft.members.length || names.length < resources.length;
  return specOf({ ...draft, base }, told, names, isTruncated);
}

const jsonBytes = (value: unknown): number => utf8Length(JSON.stringify(value));

/** As many of the first items as there is room for, and the room that is left; none where one did not fit. */
function within<Item>(items: readonly Item[], room: number, bytes: (item: Item) => number): [kept: Item[], rest: number] {
  const kept: Item[] = [];
  let rest = room;
  for (const item of items) {
    rest -= bytes(item);
    if (rest < 0) break;
    kept.push(item);
  }
  return [kept, rest];
}

function specOf(draft: StormDraft, told: readonly unknown[], names: readonly string[], truncated: boolean): RequestSpec {
  const { group, window, namespace, cluster, stormWindow, base, members } = draft;
  const ids = members.map(({ fingerprint }) => memberId(fingerprint)).join("");
  const urgency = highestOf(...(members as readonly [StormMember, ...StormMember[]]));
  const times = members.map(({ firingTime }) => firingTime);
  return {
    ...base,
    signalFingerprint: group,
    severity: urgency.severity,
    priority: urgency.priority,
    firingTime: times.reduce((first, time) => (time < first ? time : first)),
    providerData: base64(JSON.stringify({ namespace, cluster, storm: { window, ids, members: told, truncated } })),
    isStorm: true,
    stormType: "pattern",
    stormWindow,
    stormAlertCount: members.length,
    affectedResources: names,
  };
}

const tell = ({ fingerprint, target, severity, firingTime, details }: StormMember) =>
  details ? [{ id: memberId(fingerprint), target, severity, startsAt: firingTime, ...details }] : [];

/** The labels that all have alike. */
export function commonLabels(all: readonly Labels[]): Labels {
  const [first = {}, ...others] = all;
  return Object.fromEntries(
    Object.entries(first).filter(([name, text]) => others.every((labels) => Object.hasOwn(labels, name) && labels[name] === text)),
  );
}
