import { base64 } from "./base64.ts";
import type { Labels } from "./labels.ts";
import type { Priority, RequestSpec, Severity } from "./remediation-request.ts";
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
}

/** What tells a member apart in a storm's object: 64 bits, which no two alerts of a storm share by chance. */
export const memberId = (fingerprint: string): string => fingerprint.slice(0, 16);

/** How a storm's status lists a member. */
export const memberLine = (fingerprint: string, target: string): string => `${memberId(fingerprint)} ${target}`;

const SEVERITIES: readonly Severity[] = ["critical", "warning", "info"];
const PRIORITIES: readonly Priority[] = ["P0", "P1", "P2", "P3"];

/** The first of `order` that occurs. */
const highest = <Word>(order: readonly Word[], words: readonly Word[]): Word => order.find((word) => words.includes(word)) as Word;

/**
 * The spec of a storm's request (remediation.kubernaut.io/v1alpha1) within `bytesMax` of JSON. Details go first, then the names of resources,
 * in the order of the members from the last; ids are never cut.
 */
export function stormSpec({ group, window, namespace, cluster, stormWindow, base, members }: StormDraft, bytesMax: number): RequestSpec {
  const ids = members.map(({ fingerprint }) => memberId(fingerprint)).join("");
  const build = (told: readonly unknown[], names: readonly string[]): RequestSpec => ({
    ...base,
    signalFingerprint: group,
    severity: highest(
      SEVERITIES,
      members.map(({ severity }) => severity),
    ),
    priority: highest(
      PRIORITIES,
      members.map(({ priority }) => priority),
    ),
    firingTime: members.reduce(
      (first, { firingTime }) => (firingTime < first ? firingTime : first),
      members[0]?.firingTime ?? base.firingTime,
    ),
    providerData: base64(
      JSON.stringify({
        namespace,
        cluster,
        storm: { window, ids, members: told, truncated: told.length < members.length || names.length < resources.length },
      }),
    ),
    isStorm: true,
    stormType: "pattern",
    stormWindow,
    stormAlertCount: members.length,
    affectedResources: names,
  });
  const resources = [...new Set(members.map(({ target }) => target))];
  let room = bytesMax - utf8Length(JSON.stringify(build([], [])));
  const names = within(resources, (name) => utf8Length(name) + 3);
  const told = within(members.flatMap(tell), (member) => Math.ceil(((utf8Length(JSON.stringify(member)) + 1) * 4) / 3));
  return build(told, names);

  function within<Item>(items: readonly Item[], bytes: (item: Item) => number): Item[] {
    const kept: Item[] = [];
    for (const item of items) {
      room -= bytes(item);
      if (room < 0) break;
      kept.push(item);
    }
    return kept;
  }
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
