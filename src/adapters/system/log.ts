import type { Log, LogFields } from "../../ports/log.ts";

const LEVELS = ["debug", "info", "warn", "error"] as const;

export type LogLevel = (typeof LEVELS)[number];

/** One JSON object a line, from `level` upwards; `write` gets each line without its end. A field never replaces time, level or event. */
export function createLog(level: LogLevel, write: (line: string) => void): Log {
  const logger = (own: LogLevel) => {
    if (LEVELS.indexOf(own) < LEVELS.indexOf(level)) return () => {};
    return (event: string, fields: LogFields = {}) =>
      write(JSON.stringify({ time: new Date().toISOString(), level: own, event, ...without(fields, ["time", "level", "event"]) }));
  };
  return { debug: logger("debug"), info: logger("info"), warn: logger("warn"), error: logger("error") };
}

const without = (fields: LogFields, names: readonly string[]): LogFields =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));
