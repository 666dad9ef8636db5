/** Time as the caller sees it. Everything that decides by time takes it from here, so that tests can hold it still. */
export interface Clock {
  /** Unix time in milliseconds. */
  now(): number;
}
