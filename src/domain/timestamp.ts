const RFC_3339 = /^(\d{4}-\d{2}-\d{2})[Tt](\d{2}:\d{2}:\d{2})(?:\.(\d+))?(?:[Zz]|([+-])([01]\d|2[0-3]):([0-5]\d))$/;

/** Unix ms of the first and the last moment that RFC 3339 can write in UTC: its years have four digits. */
const EARLIEST_MS = Date.parse("0000-01-01T00:00:00.000Z");
const LATEST_MS = Date.parse("9999-12-31T23:59:59.999Z");

/**
 * Unix ms of an RFC 3339 date-time, cut to the millisecond. Null where the text is none, names a day or hour that does not exist,
 * or lies outside of the years 0000-9999 in UTC: such a moment could not be written into a Kubernetes object.
 */
export function parseTimestamp(text: string): number | null {
  const [, date, time, fraction = "", sign, hours, minutes] = RFC_3339.exec(text) ?? [];
  if (date === undefined) return null;
  const local = `${date}T${time}.${fraction.slice(0, 3).padEnd(3, "0")}Z`;
  const localMs = Date.parse(local);
  // Engines differ in what they make of 30 February or 24:00; only what reads back the same is a real moment.
  if (Number.isNaN(localMs) || new Date(localMs).toISOString() !== local) return null;
  const offsetMs = (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * 60_000;
  const ms = sign === "-" ? localMs + offsetMs : localMs - offsetMs;
  return ms >= EARLIEST_MS && ms <= LATEST_MS ? ms : null;
}

/** What Go programs write for "no time": its zero Time. */
export const GO_ZERO_MS = Date.parse("0001-01-01T00:00:00.000Z");
