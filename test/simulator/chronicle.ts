import type { AdmitAlert, AdmitCall, Verdict } from "../../src/ports/ledger.ts";

/** One firing alert as the ledger took it in. */
interface Fire {
  readonly atMs: number;
  readonly delivery: string;
}

/** What is known of a fingerprint by what its senders sent, whatever was made of it. */
export interface Whereabouts {
  /** Instance → start. */
  readonly firing: Map<string, number>;
  readonly resolved: Map<string, { readonly startsAtMs: number; readonly atMs: number }>;
  /** Deliveries that were cancelled before a request counted them. */
  readonly uncounted: Set<string>;
  /** Since it was last resolved, or the ledger lost its data. */
  fires: Fire[];
  /** Delivery → when it was first counted, and how often anew. */
  readonly deliveries: Map<string, { firstMs: number; times: number }>;
}

/** Keeps the books that the ledger's are held against, by the rules of docs/design.md and nothing else. */
export class Chronicle {
  readonly whereabouts = new Map<string, Whereabouts>();
  /** Deliveries answered 2xx. */
  readonly answered = new Set<string>();
  losses = 0;
  readonly #seen = new Map<string, number>();
  readonly #deliveryTtlMs: number;

  constructor(deliveryTtlMs: number) {
    this.#deliveryTtlMs = deliveryTtlMs;
  }

  /** Takes in what the ledger has judged, in its order, whether or not anybody hears of it; returns which alerts it judged for the first time. */
  judged({ delivery, alerts }: AdmitCall, verdicts: readonly Verdict[], nowMs: number): readonly boolean[] {
    return alerts.map((alert, at) => {
      const verdict = verdicts[at];
      if (verdict?.kind !== "settled" && verdict?.kind !== "ensure") return false;
      const key = `${delivery}|${alert.identity}`;
      const before = this.#seen.get(key);
      const isRepeat = before !== undefined && nowMs - before < this.#deliveryTtlMs;
      if (isRepeat && !this.#hasTurned(alert, before)) return false;
      this.#seen.set(key, nowMs);
      if (alert.kind === "firing") this.#fires(alert, delivery, nowMs, isRepeat);
      else if (alert.kind === "resolved") {
        if (verdict.kind === "settled" && verdict.outcome === "cancelled") this.#cancels(alert);
        this.#resolves(alert, nowMs);
      }
      return true;
    });
  }

  /** The ledger has forgotten all: what it had not handed on to a request goes with it. */
  lost(): void {
    this.losses += 1;
    this.#seen.clear();
    for (const known of this.whereabouts.values()) {
      known.firing.clear();
      known.resolved.clear();
      known.fires = [];
    }
  }

  /** When an alert that fires and was answered was last taken in; null: it does not fire, or nobody was told. */
  firesSince({ fires }: Whereabouts): number | null {
    return fires.filter(({ delivery }) => this.answered.has(delivery)).at(-1)?.atMs ?? null;
  }

  #of(fingerprint: string): Whereabouts {
    const known = this.whereabouts.get(fingerprint) ?? {
      ...{ firing: new Map(), resolved: new Map(), uncounted: new Set<string>() },
      ...{ fires: [], deliveries: new Map() },
    };
    this.whereabouts.set(fingerprint, known);
    return known;
  }

  /** An answer says nothing of now where the instance was resolved, or has fired again, since it was given. */
  #hasTurned({ kind, fingerprint, instance, startsAtMs }: AdmitAlert, answeredMs: number): boolean {
    const known = this.whereabouts.get(fingerprint);
    const resolved = known?.resolved.get(instance);
    if (kind === "firing") return resolved !== undefined && resolved.startsAtMs >= startsAtMs && resolved.atMs > answeredMs;
    return kind === "resolved" && (known?.firing.get(instance) ?? Number.POSITIVE_INFINITY) <= startsAtMs;
  }

  /** What is decided anew may have a request of its own by then, which counts it as well. */
  #fires({ fingerprint, instance, startsAtMs }: AdmitAlert, delivery: string, atMs: number, isRepeat: boolean): void {
    const known = this.#of(fingerprint);
    known.firing.set(instance, startsAtMs);
    known.fires.push({ atMs, delivery });
    const counted = known.deliveries.get(delivery);
    if (!counted) known.deliveries.set(delivery, { firstMs: atMs, times: 1 });
    else if (isRepeat) counted.times += 1;
    else if (atMs - counted.firstMs >= this.#deliveryTtlMs) Object.assign(counted, { firstMs: atMs, times: counted.times + 1 });
  }

  /** What fired since the last resolve waited for a request, and gets none that could count it. */
  #cancels({ fingerprint }: AdmitAlert): void {
    const known = this.#of(fingerprint);
    for (const { delivery } of known.fires) known.uncounted.add(delivery);
  }

  #resolves({ fingerprint, instance, startsAtMs }: AdmitAlert, atMs: number): void {
    const known = this.whereabouts.get(fingerprint);
    if (!known) return;
    const since = known.firing.get(instance);
    if (since !== undefined && since > startsAtMs) return;
    known.firing.delete(instance);
    known.resolved.set(instance, { startsAtMs, atMs });
    if (known.firing.size === 0) known.fires = [];
  }
}
