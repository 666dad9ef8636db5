import { subjectOf } from "../../src/adapters/kubernetes/stored-request.ts";
import type { AdmitCall, Fact, Verdict } from "../../src/ports/ledger.ts";
import type { Track, Tracks } from "./requests.ts";

/**
 * Longest that a watch may vouch for what has ended behind its back: it hangs for 35 s before that is noticed, a heartbeat is good for 45 s, and
 * both it and the news of before may be 15 s late.
 */
const VOUCHED_MAX_MS = 110_000;

/** Holds what the ledger says of live requests against what it was told, and against what is. */
export class Beliefs {
  /** What was believed wrongly, in words. */
  readonly wrong: { readonly what: "believed-against-knowledge" | "vouched-for-too-long"; readonly detail: string }[] = [];
  readonly #tracks: Tracks;
  readonly #toldEnded = new Set<string>();

  constructor(tracks: Tracks) {
    this.#tracks = tracks;
  }

  /** The ledger has heard it, whatever it made of it. */
  told(facts: readonly Fact[]): void {
    for (const fact of facts) {
      if (fact.kind === "gone") this.#toldEnded.add(`${fact.subject}|${fact.uid}`);
      else if (fact.kind === "seen" && fact.state.ended) this.#toldEnded.add(`${fact.subject}|${fact.state.uid}`);
    }
  }

  /** It has forgotten it. */
  lost(): void {
    this.#toldEnded.clear();
  }

  /** `news`: which alerts were not answered as before. */
  judged({ alerts }: AdmitCall, verdicts: readonly Verdict[], news: readonly boolean[], nowMs: number): void {
    alerts.forEach(({ draft, fingerprint }, at) => {
      const verdict = news[at] ? verdicts[at] : undefined;
      if (verdict?.kind !== "settled" || verdict.reason !== "request-live" || !verdict.request) return;
      const { namespace, name } = verdict.request;
      const named = [...this.#tracks.all.values()].filter(({ last }) => last.namespace === namespace && last.name === name);
      const detail = `${draft?.spec.signalName} at ${nowMs} on ${name}`;
      if (named.every((track) => this.#knowsEnd(track, fingerprint))) this.wrong.push({ what: "believed-against-knowledge", detail });
      const isOver = ({ endedMs }: Track) => endedMs !== null && nowMs - endedMs > VOUCHED_MAX_MS;
      if (verdict.rung === "relay" && named.every(isOver)) this.wrong.push({ what: "vouched-for-too-long", detail });
    });
  }

  /** A storm's request may be its member's by itself, too: what is told to the one says nothing to the other. */
  #knowsEnd({ uid, last }: Track, fingerprint: string): boolean {
    return [subjectOf(last), fingerprint].every((subject) => this.#toldEnded.has(`${subject}|${uid}`));
  }
}
