import { ApiFailure } from "../../../src/adapters/kubernetes/api-failure.ts";
import type { RequestApi, RequestManifest, StatusPatch } from "../../../src/adapters/kubernetes/request-api.ts";
import { isLive, type StoredRequest } from "../../../src/adapters/kubernetes/stored-request.ts";
import { readStorm } from "../../../src/adapters/kubernetes/stored-storm.ts";
import { MARKS, type RequestRef } from "../../../src/domain/remediation-request.ts";
import { BORN_MS } from "./builders.ts";

type NamespaceState = "present" | "missing" | "terminating";

export interface Change {
  readonly kind: "present" | "removed";
  readonly request: StoredRequest;
}

/**
 * An API server's behaviour towards RemediationRequests, as one synchronous object: each method is one moment in which a call takes effect.
 * Its own clock goes on a second with each ten changes.
 */
export class ClusterModel {
  readonly objects = new Map<string, StoredRequest>();
  readonly namespaces = new Map<string, NamespaceState>();
  /** Every change there ever was, in order; a version is its place here, counted from 1. */
  readonly changes: Change[] = [];
  /** By uid, as they were created. */
  readonly labels = new Map<string, RequestManifest["metadata"]["labels"]>();
  readonly #now: (() => number) | undefined;
  readonly #changed: (change: Change) => void;
  #uids = 0;

  constructor({ now, changed = () => {} }: { readonly now?: () => number; readonly changed?: (change: Change) => void } = {}) {
    this.#now = now;
    this.#changed = changed;
  }

  list(namespace: string): readonly StoredRequest[] {
    return [...this.objects.values()].filter((object) => object.namespace === namespace);
  }

  get({ namespace, name }: RequestRef): StoredRequest {
    const object = this.objects.get(`${namespace}/${name}`);
    if (!object) throw new ApiFailure("not-found");
    return object;
  }

  create(namespace: string, { metadata, spec }: RequestManifest): StoredRequest {
    const state = this.namespaces.get(namespace) ?? "present";
    if (state === "missing") throw new ApiFailure("namespace-missing");
    if (state === "terminating") throw new ApiFailure("namespace-terminating");
    if (this.objects.has(`${namespace}/${metadata.name}`)) throw new ApiFailure("already-exists");
    const { firstSeen, lastSeen, occurrenceCount } = spec.deduplication;
    const uid = `uid-${++this.#uids}`;
    this.labels.set(uid, metadata.labels);
    return this.#store({
      namespace,
      name: metadata.name,
      uid,
      fingerprint: spec.signalFingerprint,
      intent: metadata.annotations[MARKS.intent] ?? null,
      phase: "",
      createdAtMs: this.#bornMs(),
      completedAtMs: null,
      deletedAtMs: null,
      born: { occurrences: occurrenceCount, firstSeenMs: Date.parse(firstSeen), lastSeenMs: Date.parse(lastSeen) },
      counted: { slots: {}, firstSeenMs: null, lastSeenMs: null, resolvedAtMs: null },
      urgency: { severity: spec.severity, priority: spec.priority },
      storm: readStorm({ metadata, spec }),
    });
  }

  delete(request: StoredRequest): void {
    this.#unchanged(request);
    this.remove(request);
  }

  patchStatus(request: StoredRequest, { deduplication: patch, storm }: StatusPatch): StoredRequest {
    const object = this.#unchanged(request);
    const slots = Object.entries({ ...object.counted.slots, ...patch.slots }).filter(
      (entry): entry is [string, number] => entry[1] !== null,
    );
    const counted = {
      slots: Object.fromEntries(slots),
      firstSeenMs: Date.parse(patch.firstSeen),
      lastSeenMs: Date.parse(patch.lastSeen),
      resolvedAtMs: patch.resolvedAt === null ? null : Date.parse(patch.resolvedAt),
    };
    const details = [...(object.storm?.listing.details.values() ?? [])];
    const listing = storm && readStorm({ metadata: object, spec: { isStorm: true }, status: { storm: { details, ...storm } } })?.listing;
    const urgency = { severity: patch.highestSeverity, priority: patch.highestPriority };
    return this.#store({ ...object, counted, urgency, storm: object.storm && { ...object.storm, ...(listing && { listing }) } });
  }

  /** What a controller, a garbage collector or a person does. */
  change(ref: RequestRef, changes: Partial<StoredRequest>): void {
    this.#store({ ...this.get(ref), ...changes });
  }

  remove({ namespace, name }: RequestRef): void {
    const request = this.objects.get(`${namespace}/${name}`);
    if (!request) return;
    this.objects.delete(`${namespace}/${name}`);
    this.#note({ kind: "removed", request: { ...request, resourceVersion: this.#nextVersion() } });
  }

  /** A namespace that goes takes its objects with it. */
  setNamespace(namespace: string, state: NamespaceState): void {
    this.namespaces.set(namespace, state);
    if (state === "missing") for (const object of this.list(namespace)) this.remove(object);
  }

  live(): readonly StoredRequest[] {
    return [...this.objects.values()].filter(isLive);
  }

  #unchanged({ resourceVersion, ...ref }: StoredRequest): StoredRequest {
    const object = this.get(ref);
    if (object.uid !== ref.uid && object.resourceVersion === resourceVersion) throw new Error("two objects share a version");
    if (object.resourceVersion !== resourceVersion) throw new ApiFailure("conflict");
    return object;
  }

  #store(object: Omit<StoredRequest, "resourceVersion">): StoredRequest {
    const stored = { ...object, resourceVersion: this.#nextVersion() };
    this.objects.set(`${object.namespace}/${object.name}`, stored);
    this.#note({ kind: "present", request: stored });
    return stored;
  }

  #note(change: Change): void {
    this.changes.push(change);
    this.#changed(change);
  }

  /** Whole seconds are all that a server tells. */
  #bornMs(): number {
    const ms = this.#now?.() ?? BORN_MS + Math.floor(this.changes.length / 10) * 1_000;
    return Math.floor(ms / 1_000) * 1_000;
  }

  #nextVersion(): string {
    return String(this.changes.length + 1);
  }
}

/** Makes a call's effect happen at a moment of its choosing. */
export type Schedule = <T>(effect: () => T, call: keyof RequestApi) => Promise<T>;

export const atOnce: Schedule = async (effect) => effect();

/** The model as the adapter sees it. */
export function modelApi(model: ClusterModel, schedule: Schedule = atOnce): RequestApi {
  return {
    list: (namespace) => schedule(() => model.list(namespace), "list"),
    get: (ref) => schedule(() => model.get(ref), "get"),
    create: (namespace, manifest) => schedule(() => model.create(namespace, manifest), "create"),
    delete: (request) => schedule(() => model.delete(request), "delete"),
    patchStatus: (request, patch) => schedule(() => model.patchStatus(request, patch), "patchStatus"),
  };
}
