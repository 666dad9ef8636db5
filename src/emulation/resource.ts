import type { Definition } from "./definition.ts";
import type { CustomObject } from "./object.ts";
import { notFound, type Subject } from "./status.ts";
import type { Store } from "./store.ts";
import type { Strategy } from "./strategy.ts";

export interface EmulationClock {
  /** Unix time in milliseconds. */
  now(): number;
}

/** All that the handlers of the defined resource work with. */
export interface Resource {
  readonly definition: Definition;
  readonly store: Store;
  readonly strategy: Strategy;
  readonly clock: EmulationClock;
}

/** How most answers name an object: by the plural. */
export const subjectOf = ({ definition: { group, plural } }: Resource, name: string): Subject => ({ group, kind: plural, name });

/** Throws 404. */
export function existing(resource: Resource, namespace: string, name: string): CustomObject {
  const object = resource.store.get(namespace, name);
  if (object === null) throw notFound(subjectOf(resource, name));
  return object;
}
