import { ApiFailure } from "../../src/adapters/kubernetes/api-failure.ts";
import { ensure } from "../../src/adapters/kubernetes/ensure.ts";
import type { RequestApi } from "../../src/adapters/kubernetes/request-api.ts";
import { NO_VIEW, type RequestView } from "../../src/adapters/kubernetes/request-view.ts";
import { createSharedLists, type FreshList } from "../../src/adapters/kubernetes/shared-lists.ts";
import { isLive, type StoredRequest } from "../../src/adapters/kubernetes/stored-request.ts";
import type { OperationResult } from "../../src/ports/remediation-writer.ts";
import { ensureOf, FALLBACK, fingerprintOf } from "../unit/kubernetes/builders.ts";
import { ClusterModel, modelApi } from "../unit/kubernetes/cluster-model.ts";

/** What may happen beside the creators. */
export interface World {
  readonly deletions: boolean;
  readonly namespaces: boolean;
  /** Controllers begin to work on requests; otherwise they only end them. */
  readonly touches: boolean;
  readonly crashes: boolean;
  /** First tries see what a watch shows, which lags. */
  readonly watches: boolean;
  /** A dead creator whose twin was answered never comes back; a watch takes back what it left. */
  readonly forsaken: boolean;
  /** What is left out of the algorithm: its last look, or that later tries see more than a watch. */
  readonly without: null | "last-look" | "fresh-retries";
}

/** A history that broke a promise. */
export interface Finding {
  readonly seed: number;
  readonly what: "two-live" | "intent-twice" | "never-rests";
}

const FINGERPRINT = fingerprintOf("a");
const NAMESPACE = "shop";
const STEPS_MAX = 2_000;

/** Mulberry32: small, fast and the same everywhere. */
export function seeded(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A call that is on its way: its effect happens in one step, its answer arrives in a later one. */
interface Pending {
  readonly process: Process;
  advance(): boolean;
}

/** A proxy with its attempts, which share their LISTs and its watch and die together. */
interface Process {
  readonly api: RequestApi;
  readonly lists: FreshList;
  readonly view: RequestView;
  readonly running: string[];
  dead: boolean;
}

/** One random history of creators of one fingerprint. Each `step` lets one thing happen; the caller lets all promises settle in between. */
export class History {
  readonly #seed: number;
  readonly #world: World;
  readonly #random: () => number;
  readonly #model = new ClusterModel();
  readonly #pending: Pending[] = [];
  readonly #processes: Process[];
  /** Intents whose last try failed or died; each is tried again. */
  readonly #open: string[] = [];
  readonly #tried = new Set<string>();
  readonly #answered = new Set<string>();
  #steps = 0;
  #events: number;
  /** A name or a namespace came free, so that what was made may be made again. */
  #disturbed = false;

  constructor(seed: number, world: World) {
    this.#seed = seed;
    this.#world = world;
    this.#random = seeded(seed);
    this.#events = this.#below(6);
    for (let n = 0; n < this.#below(3); n++) this.#plantEnded(n + 1);
    this.#processes = Array.from({ length: 2 }, () => this.#boot());
    const creators = 2 + this.#below(3);
    for (let n = 0; n < creators; n++) this.#start(`intent-${this.#below(creators)}`);
  }

  /** Null while it goes on; at rest the broken promises. */
  step(): readonly Finding[] | null {
    if (++this.#steps > STEPS_MAX) return [{ seed: this.#seed, what: "never-rests" }];
    if (this.#chance(0.3)) this.#retry();
    if (this.#events > 0 && this.#chance(0.25)) this.#happen();
    if (this.#pending.length > 0) this.#advanceOne();
    else if (this.#open.length > 0) this.#retry();
    else if (this.#processes.every(({ running }) => running.length === 0)) return this.#judge();
    return null;
  }

  #retry(): void {
    const intent = this.#open.shift();
    if (intent === undefined || (this.#world.forsaken && this.#answered.has(intent))) return;
    this.#start(intent);
  }

  #advanceOne(): void {
    const index = this.#below(this.#pending.length);
    const pending = this.#pending[index] as Pending;
    if (this.#world.crashes && this.#chance(0.03)) this.#crash(pending.process);
    else if (pending.advance()) this.#pending.splice(index, 1);
  }

  #boot(): Process {
    const schedule = <T>(effect: () => T): Promise<T> => this.#schedule(process, effect);
    const api = modelApi(this.#model, schedule);
    const view = this.#world.watches ? this.#watch(schedule) : NO_VIEW;
    const process: Process = { api, lists: createSharedLists(api), view, running: [], dead: false };
    return process;
  }

  /** A watch that has seen all until now, and falls behind. */
  #watch(schedule: <T>(effect: () => T) => Promise<T>): RequestView {
    let version = this.#model.changes.length;
    const advance = (least: number) => {
      version = Math.max(version, least);
      version += this.#below(this.#model.changes.length - version + 1);
    };
    const list = (namespace: string) => stateAt(this.#model, version).filter((request) => request.namespace === namespace);
    return {
      ...NO_VIEW,
      list(namespace) {
        advance(0);
        return list(namespace);
      },
      listSince: ({ resourceVersion }, namespace) =>
        schedule(() => {
          if (this.#chance(0.2)) return null;
          advance(Number(resourceVersion));
          return list(namespace);
        }),
    };
  }

  /** What was sent and not carried out is lost; the process comes back empty. */
  #crash(process: Process): void {
    process.dead = true;
    this.#open.push(...process.running);
    this.#processes[this.#processes.indexOf(process)] = this.#boot();
    for (let index = this.#pending.length - 1; index >= 0; index--)
      if (this.#pending[index]?.process === process) this.#pending.splice(index, 1);
  }

  #start(intent: string): void {
    const process = this.#processes[this.#below(this.#processes.length)] as Process;
    process.running.push(intent);
    const { without } = this.#world;
    const retry = this.#tried.has(intent) && without !== "fresh-retries";
    this.#tried.add(intent);
    const parts = {
      ...(without === "last-look" ? blinded(process) : process),
      fallbackNamespace: FALLBACK,
      create: <T>(creation: () => Promise<T>) => creation(),
      onCollision() {},
    };
    const pause = () => this.#schedule(process, () => {});
    const pace = { clock: { now: () => 0 }, deadlineMs: 1e9, pause, random: this.#random };
    ensure(ensureOf(FINGERPRINT, intent, NAMESPACE, retry), parts, pace).then(
      (result) => this.#ended(process, intent, result),
      () => this.#ended(process, intent, null),
    );
  }

  #ended({ running }: Process, intent: string, result: OperationResult | null): void {
    running.splice(running.indexOf(intent), 1);
    if (result?.kind === "created" || result?.kind === "existing") this.#answered.add(intent);
    else this.#open.push(intent);
  }

  #schedule<T>(process: Process, effect: () => T): Promise<T> {
    if (process.dead) return new Promise(() => {});
    return new Promise((resolve, reject) => {
      let answer: (() => void) | null = null;
      const act = () => {
        try {
          const value = effect();
          return () => resolve(value);
        } catch (error) {
          if (!(error instanceof ApiFailure)) throw error;
          return () => reject(error);
        }
      };
      const advance = () => {
        answer ??= act();
        if (this.#chance(0.5)) return false;
        answer();
        return true;
      };
      this.#pending.push({ process, advance });
    });
  }

  #happen(): void {
    this.#events--;
    const { deletions, namespaces, touches } = this.#world;
    if (namespaces && this.#chance(0.4)) {
      this.#moveNamespace();
      return;
    }
    const objects = [...this.#model.objects.values()];
    const object = objects[this.#below(objects.length)];
    if (!object) return;
    if (deletions && !isLive(object)) {
      this.#disturbed = true;
      this.#model.remove(object);
    } else if (isLive(object)) this.#model.change(object, { phase: touches && this.#chance(0.5) ? "Processing" : "Completed" });
  }

  #moveNamespace(): void {
    const next = (["present", "terminating", "missing"] as const)[this.#below(3)] as "present" | "terminating" | "missing";
    this.#disturbed = true;
    this.#model.setNamespace(NAMESPACE, next);
  }

  #plantEnded(n: number): void {
    const { draft } = ensureOf(FINGERPRINT, "", NAMESPACE);
    const metadata = { name: `rr-${FINGERPRINT.slice(0, 32)}-${n}`, labels: {}, annotations: {} };
    const made = this.#model.create(NAMESPACE, { metadata, spec: draft.spec });
    this.#model.change(made, { phase: "Completed" });
  }

  /** What every watch does to a second live request whose creator has died. */
  #tidy(): void {
    const [, ...later] = [...this.#model.live()].sort(
      (left, right) => left.createdAtMs - right.createdAtMs || (left.uid < right.uid ? -1 : 1),
    );
    for (const request of later) if (request.phase === "") this.#model.delete(request);
  }

  #judge(): readonly Finding[] {
    if (this.#world.forsaken) this.#tidy();
    const live = this.#model.live();
    const findings: Finding[] = [];
    if (live.length > 1 && !live.some(({ phase }) => phase !== "")) findings.push({ seed: this.#seed, what: "two-live" });
    const intents = [...this.#model.objects.values()].flatMap(({ intent }) => intent ?? []);
    if (!this.#disturbed && new Set(intents).size < intents.length) findings.push({ seed: this.#seed, what: "intent-twice" });
    return findings;
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  #chance(probability: number): boolean {
    return this.#random() < probability;
  }
}

/** The requests as they were at a version. */
function stateAt({ changes }: ClusterModel, version: number): readonly StoredRequest[] {
  const present = new Map<string, StoredRequest>();
  for (const { kind, request } of changes.slice(0, version))
    if (kind === "present") present.set(request.uid, request);
    else present.delete(request.uid);
  return [...present.values()];
}

/** Looks that show nothing from a creation until its round ends. */
function blinded({ api, lists, view }: Process): Pick<Process, "api" | "lists" | "view"> {
  let looks = 0;
  const create: RequestApi["create"] = async (namespace, manifest) => {
    const created = await api.create(namespace, manifest);
    looks = 2;
    return created;
  };
  return {
    api: { ...api, create },
    lists: (namespace) => (looks-- > 0 ? Promise.resolve([]) : lists(namespace)),
    view: { ...view, listSince: async (held) => [held] },
  };
}

/** Histories that go on side by side, so that one wait for the promises serves them all; of more, memory costs more than that saves. */
const ABREAST = 30;

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Runs the histories of the seeds from `first` on and gathers what they broke. */
export async function explore(first: number, runs: number, world: World): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  let next = first;
  const draw = (): History[] => (next < first + runs ? [new History(next++, world)] : []);
  let abreast = Array.from({ length: ABREAST }, draw).flat();
  while (abreast.length > 0) {
    await settled();
    abreast = abreast.flatMap((history) => {
      const found = history.step();
      if (!found) return [history];
      findings.push(...found);
      return draw();
    });
  }
  return findings;
}
