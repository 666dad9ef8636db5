import { isLive, type StoredRequest } from "../../src/adapters/kubernetes/stored-request.ts";
import { memberId } from "../../src/domain/storm-draft.ts";
import type { Change, ClusterModel } from "../unit/kubernetes/cluster-model.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** All that ever was true of one request. Times in Unix ms. */
export interface Track {
  readonly uid: string;
  readonly createdMs: number;
  last: StoredRequest;
  /** When it ended, or went away before. */
  endedMs: number | null;
  /** When a watch last brought news of an end that tells no time itself. */
  heardMs: number;
  /** Somebody beside Breakwater deleted it. */
  removedMs: number | null;
  takenBackMs: number | null;
  /** A controller erased what others had written. */
  erased: boolean;
  /** Member or fingerprint id → since when it was in it while it was live. */
  readonly held: Map<string, number>;
  /** Live requests that held one of its members for long when it was made. */
  readonly doubles: { readonly id: string; readonly elder: Track }[];
}

/** Whoever asks before this time cannot have missed it. */
const SEEN_BY_ALL_MS = 60_000;

/** Follows every change of a cluster. */
export class Tracks {
  readonly all = new Map<string, Track>();
  readonly #time: VirtualTime;
  /** Set while somebody beside Breakwater changes something. */
  outsider = false;

  constructor(time: VirtualTime) {
    this.#time = time;
  }

  note({ kind, request }: Change): void {
    const { nowMs } = this.#time;
    const known = this.all.get(request.uid);
    const track: Track = known ?? {
      ...{ uid: request.uid, createdMs: nowMs, last: request, endedMs: null, heardMs: 0, removedMs: null, takenBackMs: null },
      ...{ erased: false, held: new Map(), doubles: [] },
    };
    this.all.set(request.uid, track);
    if (kind === "removed") {
      track.endedMs ??= nowMs;
      if (this.outsider) track.removedMs = nowMs;
      else track.takenBackMs = nowMs;
      return;
    }
    track.last = request;
    if (!isLive(request)) {
      track.endedMs ??= nowMs;
      return;
    }
    const ids = idsIn(request);
    if (!known) for (const id of ids) this.#compare(id, track);
    for (const id of ids) if (!track.held.has(id)) track.held.set(id, nowMs);
  }

  #compare(id: string, made: Track): void {
    for (const elder of this.all.values()) {
      const since = elder.held.get(id);
      const isHeld = elder !== made && isPresent(elder) && elder.endedMs === null && idsIn(elder.last).includes(id);
      if (isHeld && since !== undefined && made.createdMs - since >= SEEN_BY_ALL_MS) made.doubles.push({ id, elder });
    }
  }

  /** Requests that an alert is or was in, the latest last. */
  holding(fingerprint: string): Track[] {
    return [...this.all.values()].filter(({ held }) => held.has(memberId(fingerprint)));
  }

  live(): Track[] {
    return [...this.all.values()].filter((track) => isPresent(track) && isLive(track.last));
  }
}

export const isPresent = ({ removedMs, takenBackMs }: Track): boolean => removedMs === null && takenBackMs === null;

/** Whom a request is for, as it shows now. */
const idsIn = ({ fingerprint, storm }: StoredRequest): string[] =>
  storm ? [...storm.made().ids, ...storm.listing.lines.keys()] : [memberId(fingerprint)];

/** Deliveries that a request counts, as it shows now. */
export function countOn({ last: { intent, born, counted } }: Track): number {
  const creator = intent === null ? {} : { [intent]: 1 };
  const slots: Record<string, number> = { ...creator, ...counted.slots };
  return Object.values(slots).reduce((sum, each) => sum + each, intent === null ? born.occurrences : 0);
}

/** What controllers, garbage collectors and people do to the latest request that an alert is in. */
export class Outsiders {
  readonly #model: ClusterModel;
  readonly #tracks: Tracks;
  readonly #time: VirtualTime;

  constructor(model: ClusterModel, tracks: Tracks, time: VirtualTime) {
    this.#model = model;
    this.#tracks = tracks;
    this.#time = time;
  }

  #change(track: Track | undefined, work: (request: StoredRequest) => void): void {
    if (!track) return;
    this.#tracks.outsider = true;
    work(track.last);
    this.#tracks.outsider = false;
  }

  #latest(fingerprint: string, fits: (track: Track) => boolean): Track | undefined {
    return this.#tracks
      .holding(fingerprint)
      .filter((track) => isPresent(track) && fits(track))
      .at(-1);
  }

  /** `told`: it writes when it was done. */
  setPhase(fingerprint: string, phase: string, told: boolean): void {
    const { nowMs } = this.#time;
    this.#change(
      this.#latest(fingerprint, ({ last }) => isLive(last)),
      (request) => this.#model.change(request, { phase, completedAtMs: told && phase !== "Processing" ? nowMs : null }),
    );
  }

  /** Writes the whole status, as one does that knows of phases only. */
  erase(fingerprint: string): void {
    const track = this.#latest(fingerprint, ({ last }) => isLive(last));
    if (track) track.erased = true;
    const counted = { slots: {}, firstSeenMs: null, lastSeenMs: null, resolvedAtMs: null };
    const listing = { lines: new Map(), details: new Map(), closedAtMs: null, truncated: false };
    this.#change(track, (request) => this.#model.change(request, { counted, storm: request.storm && { ...request.storm, listing } }));
  }

  remove(fingerprint: string, isEnded: boolean): void {
    this.#change(
      this.#latest(fingerprint, ({ last }) => isLive(last) !== isEnded),
      (request) => this.#model.remove(request),
    );
  }

  /** A finalizer holds it. */
  markDeleted(fingerprint: string): void {
    const { nowMs } = this.#time;
    this.#change(
      this.#latest(fingerprint, ({ last }) => isLive(last)),
      (request) => this.#model.change(request, { deletedAtMs: nowMs }),
    );
  }

  setNamespace(namespace: string, state: "present" | "missing" | "terminating"): void {
    this.#tracks.outsider = true;
    this.#model.setNamespace(namespace, state);
    this.#tracks.outsider = false;
  }
}
