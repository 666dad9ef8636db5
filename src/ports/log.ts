export type LogFields = Readonly<Record<string, string | number | boolean | null>>;

/** Structured log lines. Fields are names, counts and codes: never a payload, a label's value or a secret. */
export interface Log {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}
