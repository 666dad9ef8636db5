/** One sender of alerts: who it is, where its alerts belong, and what it may write. */
export interface Source {
  readonly name: string;
  readonly cluster: string;
  /** SHA-256 of each bearer token it may present, 64 lower-case hex. */
  readonly bearerSha256: readonly string[];
  /** Patterns with `*`. */
  readonly namespaces: readonly string[];
  /** For alerts that name none themselves. */
  readonly environment: string | null;
  /** What it is told when an alert would be lost. */
  readonly backpressureStatus: 429 | 503;
  /** How many alerts it may send; null: any number. */
  readonly alertsPerMinute: number | null;
}
