/** What a request holds of the room for bodies. */
export interface BodyShare {
  /** Makes it large enough for so many bytes; false: there is no room for them, and it stays as it was. */
  hold(bytes: number): boolean;
  /** Waits for its turn among the large payloads of the room, of which one at a time is worked on, until it is released; false: another was not done by then. */
  takeTurn(untilMs: number): Promise<boolean>;
  /** Gives it back, however often. */
  release(): void;
}

/** Room for the bodies that are in memory at once. */
export interface BodyRoom {
  /** A share of nothing. */
  open(): BodyShare;
}

/** Who holds a share for longer is gone: a Worker's run that its client has left ends without a word. Reading and answering take 18 s at most. */
const HELD_MS_MAX = 30_000;

/** A small body, as nearly all are, finds room where large ones have taken all: an eighth more is there for those alone. */
const SMALL_BYTES = 256 * 1024;
const FOR_SMALL = 1 / 8;

/** A turn is looked for again and again: what one request of a Worker resolves cannot wake another. */
const TURN_EVERY_MS = 50;

/** All room is free. */
export function createBodyRoom(bytesMax: number, now: () => number): BodyRoom {
  const held = new Map<BodyShare, { readonly bytes: number; readonly sinceMs: number }>();
  let used = 0;
  let turn: BodyShare | null = null;
  const release = (share: BodyShare) => {
    if (turn === share) turn = null;
    used -= held.get(share)?.bytes ?? 0;
    held.delete(share);
  };
  const releaseGone = (asking: BodyShare) => {
    for (const [share, { sinceMs }] of held) if (share !== asking && now() - sinceMs > HELD_MS_MAX) release(share);
  };
  return {
    open() {
      const share: BodyShare = {
        hold(bytes) {
          const own = held.get(share) ?? { bytes: 0, sinceMs: now() };
          const more = bytes - own.bytes;
          if (more <= 0) return true;
          const most = bytes <= SMALL_BYTES ? bytesMax * (1 + FOR_SMALL) : bytesMax;
          if (used + more > most) releaseGone(share);
          if (used + more > most) return false;
          used += more;
          held.set(share, { ...own, bytes });
          return true;
        },
        async takeTurn(untilMs) {
          for (; turn !== null; await new Promise((resolve) => setTimeout(resolve, TURN_EVERY_MS))) {
            releaseGone(share);
            if (turn !== null && now() >= untilMs) return false;
          }
          turn = share;
          return true;
        },
        release: () => release(share),
      };
      return share;
    },
  };
}
