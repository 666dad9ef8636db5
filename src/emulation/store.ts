import type { CustomObject } from "./object.ts";
import { objectTooLarge, quotaExceeded, type Subject } from "./status.ts";

/** One write. `previous` null: created; `object` null: deleted. */
export type Change =
  | { readonly version: number; readonly previous: CustomObject | null; readonly object: CustomObject }
  | { readonly version: number; readonly previous: CustomObject; readonly object: null };

export interface StoreLimits {
  readonly objectsMax: number;
  /** Of all objects together, in characters of JSON. */
  readonly charactersMax: number;
}

/** What a store goes by. */
export interface StoreOptions {
  /** Its first version must lie above what an earlier run has given out, so that its watchers list again. */
  readonly firstVersion: number;
  readonly limits: StoreLimits;
  readonly subject: (name: string) => Subject;
  /** Whether nobody waits for an object any more: where there is no room for another, such ones go, those first that have been so for longest. */
  readonly isOver: (object: CustomObject) => boolean;
}

/** Objects of one resource by namespace and name, with the writes of the recent past. What it hands out never changes. */
export interface Store {
  /** Version of the latest write. Rises by one with each. */
  version(): number;
  get(namespace: string, name: string): CustomObject | null;
  /** Sorted by namespace and name. `namespace` null: of all; `after`: only what follows this key. */
  list(namespace: string | null, after: string): readonly CustomObject[];
  /** Keeps the object under a new resourceVersion and answers it so. Throws where there is no room, and then keeps nothing. */
  put(object: CustomObject): CustomObject;
  /** Answers the object as it was last, under the resourceVersion of its removal. */
  remove(object: CustomObject): CustomObject;
  /** Writes after `version`, oldest first; null where some of them are forgotten, or where it has not been reached yet. */
  since(version: number): readonly Change[] | null;
  /** Resolves at the next write. */
  changed(): Promise<void>;
  /** True from when an object had no room until there is some again. */
  isFull(): boolean;
}

/** etcd's limit on one request. */
const OBJECT_CHARACTERS_MAX = 1.5 * 1024 * 1024;
/** A watcher that lags behind further than this has to list again. */
const HISTORY_CHANGES = 1000;
/** Old versions of large objects must not outweigh the objects themselves. */
const HISTORY_CHARACTERS = 8 * 1024 * 1024;

/** Sorts objects as an API server's storage does, all of a namespace beside each other. */
export const keyOf = ({ metadata: { namespace, name } }: CustomObject) => `${namespace}/${name}`;

/** An empty store. */
export function createStore({ firstVersion, limits, subject, isOver }: StoreOptions): Store {
  const held = new Map<string, { readonly object: CustomObject; readonly characters: number }>();
  /** Keys of what is over, oldest first. */
  const over = new Set<string>();
  const history: { readonly change: Change; readonly characters: number }[] = [];
  let version = firstVersion;
  let heldCharacters = 0;
  let historyCharacters = 0;
  let isFull = false;
  let sortedKeys: readonly string[] | null = null;
  let next = Promise.withResolvers<void>();

  function remember(change: Change, characters: number): void {
    history.push({ change, characters });
    historyCharacters += characters;
    while (history.length > HISTORY_CHANGES || historyCharacters > HISTORY_CHARACTERS)
      historyCharacters -= history.shift()?.characters ?? 0;
    next.resolve();
    next = Promise.withResolvers();
  }

  /** The limit that an object would go beyond; null: there is room for it. */
  function exceeded(key: string, characters: number): string | null {
    const before = held.get(key);
    if (before === undefined && held.size >= limits.objectsMax) return `limited to ${limits.objectsMax} objects`;
    const total = heldCharacters - (before?.characters ?? 0) + characters;
    return total > limits.charactersMax ? `limited to ${limits.charactersMax} bytes` : null;
  }

  function makeRoom(key: string, characters: number, name: string): void {
    if (characters > OBJECT_CHARACTERS_MAX) throw objectTooLarge();
    for (const ended of over) {
      if (exceeded(key, characters) === null) break;
      const object = held.get(ended)?.object;
      if (object && ended !== key) remove(object);
    }
    const limit = exceeded(key, characters);
    isFull = limit !== null;
    if (limit !== null) throw quotaExceeded(subject(name), limit);
    heldCharacters += characters - (held.get(key)?.characters ?? 0);
    if (!held.has(key)) sortedKeys = null;
  }

  function remove(object: CustomObject): CustomObject {
    const key = keyOf(object);
    const characters = held.get(key)?.characters ?? 0;
    heldCharacters -= characters;
    held.delete(key);
    over.delete(key);
    isFull = false;
    sortedKeys = null;
    version += 1;
    const last = stamped(object, version);
    remember({ version, previous: last, object: null }, characters);
    return last;
  }

  const stamped = (object: CustomObject, stamp: number): CustomObject => ({
    ...object,
    metadata: { ...object.metadata, resourceVersion: String(stamp) },
  });

  return {
    version: () => version,
    get: (namespace, name) => held.get(`${namespace}/${name}`)?.object ?? null,
    list(namespace, after) {
      sortedKeys ??= [...held.keys()].sort();
      return sortedKeys
        .filter((key) => key > after && (namespace === null || key.startsWith(`${namespace}/`)))
        .flatMap((key) => held.get(key)?.object ?? []);
    },
    put(object) {
      const key = keyOf(object);
      // Making room writes as well, so the version is not known before; all of them have as many digits.
      const characters = JSON.stringify(stamped(object, version + 1)).length;
      makeRoom(key, characters, object.metadata.name);
      version += 1;
      const kept = stamped(object, version);
      const previous = held.get(key)?.object ?? null;
      held.set(key, { object: kept, characters });
      if (!isOver(kept)) over.delete(key);
      else {
        over.add(key);
        isFull = false;
      }
      remember({ version, previous, object: kept }, characters);
      return kept;
    },
    remove,
    since(from) {
      const oldest = version - history.length;
      if (from < oldest || from > version) return null;
      return history.slice(from - oldest).map(({ change }) => change);
    },
    changed: () => next.promise,
    isFull: () => isFull,
  };
}
