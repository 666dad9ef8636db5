import type { Process } from "./process.ts";
import { drawn } from "./random.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** How calls fare in a run: shares of them, and ms. */
export interface Weather {
  /** Lost on the way there or back, half each. */
  readonly lost: number;
  /** Late enough for others to come between, some beyond every timeout. */
  readonly slow: number;
  /** How far watches lag at most. */
  readonly lagMs: number;
}

/** What becomes of one call. */
interface Fate {
  readonly thereMs: number;
  readonly backMs: number;
  readonly lost: "call" | "reply" | null;
}

export interface Call<Value> {
  readonly from: Process;
  /** Null: it never dies. */
  readonly to: Process | null;
  /** Names the place that may be out of reach. */
  readonly place: string;
  readonly what: string;
  readonly timeoutMs: number;
  /** Takes effect where it arrives, also when its caller has given up or died meanwhile and awaits it no more. */
  readonly arrive: (isAwaited: boolean) => Value | Promise<Value>;
  readonly failed: (effect: "none" | "unknown") => Error;
}

interface NetworkParts {
  readonly time: VirtualTime;
  readonly seed: number;
  readonly weather: Weather;
  /** The only calls that may fare ill; null: any. */
  readonly mayFareIll: ReadonlySet<string> | null;
  tell(line: string): void;
}

const SMOOTH: Fate = { thereMs: 1, backMs: 1, lost: null };

/** The one way between processes and what they call. Which of several calls comes first is decided by how long each is on its way. */
export class Network {
  readonly #parts: NetworkParts;
  readonly #calls = new Map<string, number>();
  readonly #outages = new Map<string, number>();
  /** Names of calls that fared ill. */
  readonly faredIll: string[] = [];
  #isCalm = false;

  constructor(parts: NetworkParts) {
    this.#parts = parts;
  }

  /** From now on all goes smoothly. */
  calm(): void {
    this.#isCalm = true;
    this.#outages.clear();
  }

  /** Nothing reaches a place for so long. */
  cutOff(place: string, forMs: number): void {
    this.#outages.set(place, this.#parts.time.nowMs + forMs);
  }

  /** How often each caller has asked each place for what, by `<caller> <place> <what>`. */
  get asked(): ReadonlyMap<string, number> {
    return this.#calls;
  }

  isDown(place: string): boolean {
    return this.#parts.time.nowMs < (this.#outages.get(place) ?? 0);
  }

  /** How long a piece of news is on its way to who watches. */
  lagOf(watcher: string): number {
    const name = this.#named(`${watcher} news`);
    const { seed, weather } = this.#parts;
    if (this.#isSmooth(name)) return 1;
    const most = drawn(seed, `${name} far`) < 0.2 ? weather.lagMs : weather.lagMs / 20;
    const lagMs = 1 + Math.floor(most * drawn(seed, name));
    if (lagMs > 50) this.faredIll.push(name);
    return lagMs;
  }

  call<Value>({ from, to, place, what, timeoutMs, arrive, failed }: Call<Value>): Promise<Value> {
    const { time, tell } = this.#parts;
    const name = this.#named(`${from.name} ${place} ${what}`);
    const { thereMs, backMs, lost } = this.#fateOf(name);
    return new Promise((resolve, reject) => {
      let isOver = false;
      const finish = (answer: () => void): void => {
        if (isOver || !from.alive) return;
        if (from.asleep) return void time.after(0, () => finish(answer), from);
        isOver = true;
        timeout.cancel();
        forget();
        from.run(answer);
      };
      const fail = (effect: "none" | "unknown", why: string) =>
        finish(() => {
          tell(`${from.name}: ${what} to ${place} fails: ${why}`);
          reject(failed(effect));
        });
      const timeout = time.timer(timeoutMs, () => fail("unknown", "no answer in time"), from);
      const forget = to?.whenDead(() => time.after(1, () => fail("unknown", "connection broke"), from)) ?? (() => {});
      const land = async () => {
        // Half of what a sleeper was about to send is still in its hands; what comes to a sleeper waits at its door.
        if (from.asleep && drawn(this.#parts.seed, `${name} unsent`) < 0.5) return void time.after(0, () => void land(), from);
        if (to?.asleep) return void time.after(0, () => void land(), to);
        if (lost === "call") return fail("none", "lost");
        if ((to && !to.alive) || this.isDown(place)) return void time.after(backMs, () => fail("none", "refused"), from);
        const run = async () => arrive(!isOver && from.alive);
        const outcome = await (to ? to.run(run) : run()).then(
          (value) => () => resolve(value),
          (error: unknown) => () => reject(error),
        );
        if (to && !to.alive) return;
        time.after(backMs, () => (lost === "reply" ? fail("unknown", "answer lost") : finish(outcome)), from);
      };
      // What was sent arrives, whether or not its sender lives to see it.
      time.after(thereMs, () => void land(), NOBODY);
    });
  }

  #fateOf(name: string): Fate {
    const { seed, weather } = this.#parts;
    if (this.#isSmooth(name)) return SMOOTH;
    const draw = (word: string) => drawn(seed, `${name} ${word}`);
    const delay = (way: string) => {
      const pace = draw(`${way} pace`);
      const spread = draw(way);
      if (pace < weather.slow / 8) return Math.ceil(spread * 12_000);
      return Math.ceil(spread * (pace < weather.slow ? 2_000 : 12));
    };
    const loss = draw("lost");
    const fate: Fate = {
      thereMs: 1 + delay("there"),
      backMs: 1 + delay("back"),
      lost: loss < weather.lost / 2 ? "call" : loss < weather.lost ? "reply" : null,
    };
    if (fate.lost || fate.thereMs + fate.backMs > 2) this.faredIll.push(name);
    return fate;
  }

  #isSmooth(name: string): boolean {
    return this.#isCalm || this.#parts.mayFareIll?.has(name) === false;
  }

  #named(what: string): string {
    const count = (this.#calls.get(what) ?? 0) + 1;
    this.#calls.set(what, count);
    return `${what} #${count}`;
  }
}

const NOBODY = { alive: true, run: <Value>(work: () => Value): Value => work() } as Process;
