import type { Log, LogFields } from "../ports/log.ts";

/** A log whose lines all have these fields. */
export function logWith(log: Log, own: LogFields): Log {
  const line = (level: keyof Log) => (event: string, fields?: LogFields) => log[level](event, { ...own, ...fields });
  return { debug: line("debug"), info: line("info"), warn: line("warn"), error: line("error") };
}
