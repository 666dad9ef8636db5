/** The webhooks that a process decides at the same time. */
export interface Crowd {
  /** One more; call what is returned when it is decided. */
  enter(): () => void;
  /** No more than one is under way. */
  isAlone(): boolean;
}

/** Nobody is there yet. */
export function createCrowd(): Crowd {
  let size = 0;
  return {
    enter() {
      size += 1;
      return () => {
        size -= 1;
      };
    },
    isAlone: () => size <= 1,
  };
}
