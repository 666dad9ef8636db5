import type { Ingested } from "../../src/flows/ingest-alerts.ts";
import type { LedgerRules } from "../../src/ports/ledger.ts";
import type { Log } from "../../src/ports/log.ts";
import { fingerprint } from "../support/ledger-builders.ts";
import { silentLog } from "../support/silent-log.ts";
import { ClusterModel } from "../unit/kubernetes/cluster-model.ts";
import { Beliefs } from "./beliefs.ts";
import { Chronicle } from "./chronicle.ts";
import { drainOnce, type Gateway, startGateway } from "./gateway.ts";
import { type LedgerService, openLedgerService } from "./ledger-service.ts";
import { Network } from "./network.ts";
import type { Command, Plan } from "./plan.ts";
import { Process } from "./process.ts";
import { type ProxyServer, startProxy } from "./proxy.ts";
import { Outsiders, Tracks } from "./requests.ts";
import { LEDGER_RULES } from "./rules.ts";
import type { Sabotage } from "./sabotage.ts";
import { send } from "./senders.ts";
import { START_MS, VirtualTime } from "./virtual-time.ts";

/** 10 s are promised; what is left is the time that a clock of whole events needs. */
const ANSWER_MAX_MS = 10_000;

/** Gateways, proxies, a ledger and a cluster, and all that happens to them. */
export class World {
  readonly plan: Plan;
  readonly sabotage: Sabotage | null;
  readonly time = new VirtualTime();
  readonly network: Network;
  readonly chronicle = new Chronicle(LEDGER_RULES.deliveryTtlMs);
  readonly tracks = new Tracks(this.time);
  readonly beliefs = new Beliefs(this.tracks);
  readonly model: ClusterModel;
  readonly ledger: LedgerService;
  readonly gateways: Gateway[] = [];
  readonly proxies: ProxyServer[] = [];
  readonly log: Log = silentLog;
  /** Watches from before this version have to list anew. */
  oldestVersion = 0;
  isCalm = false;
  namespacesMoved = false;
  proxiesCrashed = 0;
  /** Alerts were counted without the ledger. */
  countedDirectly = false;
  /** Objects made when their creator did not wait for them any more. */
  stray = 0;
  readonly lateAnswers: string[] = [];
  readonly errors: unknown[] = [];
  /** Null: nobody listens. */
  readonly #story: string[] | null;
  readonly #outsiders: Outsiders;
  readonly #posts = new Set<Promise<void>>();
  #operations = 0;
  #turns = 0;

  constructor(plan: Plan, sabotage: Sabotage | null, story: string[] | null) {
    this.plan = plan;
    this.sabotage = sabotage;
    this.#story = story;
    const { seed, weather, mayFareIll } = plan;
    this.network = new Network({ time: this.time, seed, weather, mayFareIll, tell: this.tell });
    this.model = new ClusterModel({
      now: () => this.time.nowMs,
      changed: (change) => {
        this.tracks.note(change);
        const { name, uid, phase, counted, resourceVersion } = change.request;
        const status = `${phase || "new"} ${JSON.stringify(counted.slots)}`;
        this.tell(`kubernetes: ${name} (${uid}) ${change.kind === "removed" ? "removed" : status}, version ${resourceVersion}`);
        for (const { feed } of this.proxies) feed.changed();
      },
    });
    this.#outsiders = new Outsiders(this.model, this.tracks, this.time);
    const { intentsMax, windowAlertsMax } = plan;
    const rules: LedgerRules = { ...LEDGER_RULES, intentsMax, windowAlertsMax, ...plan.rules };
    this.ledger = openLedgerService({
      rules,
      sabotage,
      time: this.time,
      chronicle: this.chronicle,
      beliefs: this.beliefs,
      tell: this.tell,
    });
  }

  /** Everything comes up. */
  start(): void {
    for (let at = 1; at <= this.plan.proxies; at++) this.proxies.push(startProxy(this, new Process(`p${at}`)));
    for (let at = 1; at <= this.plan.gateways; at++) this.gateways.push(startGateway(this, new Process(`g${at}`)));
  }

  readonly newOperation = (): string => (++this.#operations).toString(16).padStart(32, "0");

  readonly tell = (line: string): void => {
    const seconds = ((this.time.nowMs - START_MS) / 1_000).toFixed(3);
    this.#story?.push(`${seconds.padStart(9)}  ${line}`);
  };

  readonly broken = (error: unknown): void => {
    this.errors.push(error);
  };

  /** Posts that nobody has answered yet. */
  get waiting(): number {
    return this.#posts.size;
  }

  /** An ingest, with a look at how long it takes. */
  async timed({ process }: Gateway, ingest: () => Promise<Ingested>): Promise<Ingested> {
    const [startedMs, sleptMs] = [this.time.nowMs, process.sleptMs];
    try {
      return await ingest();
    } finally {
      const tookMs = this.time.nowMs - startedMs - (process.sleptMs - sleptMs);
      if (tookMs > ANSWER_MAX_MS && process.skewMs === 0) this.lateAnswers.push(`${process.name} answered after ${tookMs} ms`);
    }
  }

  /** No fault any more: whoever is down comes back, and all that is sent arrives. */
  calm(): void {
    this.isCalm = true;
    this.tell("-- from here on nothing fails --");
    this.network.calm();
    this.model.setNamespace("shop", "present");
    for (const { process } of [...this.gateways, ...this.proxies]) {
      this.time.wake(process, false);
      if (!process.alive) this.#restart(process.name);
    }
  }

  do(command: Command): void {
    const { atMs, kind, ...rest } = command;
    if (kind !== "post") this.tell(`-- ${kind} ${Object.values(rest).join(" ")} --`);
    switch (command.kind) {
      case "post":
        this.#post(command);
        break;
      case "phase":
        this.#outsiders.setPhase(fingerprint(command.word), command.phase, command.told);
        break;
      case "erase":
        this.#outsiders.erase(fingerprint(command.word));
        break;
      case "remove-ended":
      case "remove-live":
        this.#outsiders.remove(fingerprint(command.word), command.kind === "remove-ended");
        break;
      case "mark-deleted":
        this.#outsiders.markDeleted(fingerprint(command.word));
        break;
      case "crash":
        this.#crash(command.process, command.downMs);
        break;
      case "sleep":
        this.#sleep(command);
        break;
      case "cut-off":
        this.network.cutOff(command.place, command.forMs);
        break;
      case "jump":
        this.#jump(command.process, command.byMs);
        break;
      case "watch":
        this.proxies.find(({ process }) => roleOf(process.name) === command.proxy)?.feed.disturb(command.how);
        break;
      case "namespace":
        this.namespacesMoved = true;
        this.#outsiders.setNamespace("shop", command.state);
        break;
      case "cron":
        this.#sweep(command.diesAfterMs);
        break;
      case "flip":
        this.#flip(command.isOn);
        break;
      case "forget-history":
        this.oldestVersion = this.model.changes.length;
        break;
      case "lose-data":
        this.ledger.lose();
        break;
    }
  }

  #flip(isOn: boolean): void {
    const operation = `f${++this.#turns}`.padStart(32, "0");
    const change = { operation, feature: "storm-buffering", percent: isOn ? null : 0, by: "", reason: "" } as const;
    this.ledger.setFlag(change).catch(this.broken);
  }

  #post(command: Extract<Command, { kind: "post" }>): void {
    const sent = send(this, command, ++this.#turns).catch(this.broken);
    const gone = sent.then(() => void this.#posts.delete(gone));
    this.#posts.add(gone);
  }

  #crash(name: string, downMs: number): void {
    const running = [...this.gateways, ...this.proxies].find(({ process }) => roleOf(process.name) === name)?.process;
    if (!running?.alive) return;
    if (name.startsWith("p")) this.proxiesCrashed += 1;
    running.kill();
    this.time.after(downMs, () => this.#restart(running.name), undefined);
  }

  #sleep({ process: name, forMs, timersFirst }: Extract<Command, { kind: "sleep" }>): void {
    const running = [...this.gateways, ...this.proxies].find(({ process }) => roleOf(process.name) === name)?.process;
    if (!running?.alive || running.asleep) return;
    this.time.sleep(running);
    const wake = () => {
      if (running.asleep) this.tell(`-- ${name} goes on --`);
      this.time.wake(running, timersFirst);
    };
    this.time.after(forMs, wake, undefined);
  }

  #restart(name: string): void {
    const next = `${roleOf(name)}.${Number(name.split(".")[1] ?? 1) + 1}`;
    const replace = <Part extends { readonly process: Process }>(parts: Part[], start: (world: World, process: Process) => Part) => {
      const at = parts.findIndex(({ process }) => process.name === name && !process.alive);
      if (at < 0) return;
      this.tell(`-- ${next} starts --`);
      parts[at] = start(this, new Process(next));
    };
    replace(this.gateways, startGateway);
    replace(this.proxies, startProxy);
  }

  #jump(name: string, byMs: number): void {
    for (const { process } of [...this.gateways, ...this.proxies]) if (roleOf(process.name) === name) process.skewMs += byMs;
  }

  #sweep(diesAfterMs: number | null): void {
    const process = new Process(`cron${++this.#turns}`);
    drainOnce(this, process);
    if (diesAfterMs !== null) this.time.after(diesAfterMs, () => process.kill(), undefined);
  }
}

/** `g1.2` → `g1`. */
const roleOf = (name: string): string => name.split(".")[0] ?? "";
