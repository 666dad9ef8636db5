/** Unix ms of the first and the last moment that RFC 3339 can write in UTC: its years have four digits. */
const EARLIEST_MS = Date.parse("0000-01-01T00:00:00.000Z");
const LATEST_MS = Date.parse("9999-12-31T23:59:59.999Z");

/** What Go programs write for "no time": its zero Time. */
export const GO_ZERO_MS = Date.parse("0001-01-01T00:00:00.000Z");

/** Longer texts are no time. The patterns below take time quadratic in a run of spaces, so they only see short texts. */
const CHARACTERS_MAX = 100;

const MONTHS = "janfebmaraprmayjunjulaugsepoctnovdec";

const CLOCK = String.raw`(?<hour>\d\d):?(?<minute>\d\d)(?::?(?<second>\d\d)(?:[.,](?<fraction>\d+))?)?`;
/** UTC, an offset with what programs add to it (Go's zone name, Java's region, JavaScript's words), or nothing; then Go's monotonic clock. */
const ZONE = String.raw`(?:\s*(?:z|utc?|gmt|(?:utc?|gmt)?\s*(?<sign>[+-])(?<hours>[01]?\d|2[0-3])(?::?(?<minutes>[0-5]\d))?(?:\s+(?:[a-z]{1,5}|[+-]\d{2,4}))?)(?:\s*[[(][^\])]*[\])])?)?(?:\s+m=[+-]\d+(?:\.\d+)?)?`;
const WEEKDAY = String.raw`(?:[a-z]+,?\s+)?`;
const MONTH = "(?<name>[a-z]{3})[a-z]*";

const FORMS = [
  String.raw`(?<year>\d{4})(?<gap>[-/.]?)(?<month>\d\d)\k<gap>(?<day>\d\d)(?:t|\s+)${CLOCK}${ZONE}`,
  String.raw`${WEEKDAY}(?<day>\d{1,2})[\s-]${MONTH}[\s-](?<year>\d{4})\s+${CLOCK}${ZONE}`,
  String.raw`${WEEKDAY}${MONTH}\s+(?<day>\d{1,2}),?\s+(?<year>\d{4})\s+${CLOCK}${ZONE}`,
  String.raw`${WEEKDAY}${MONTH}\s+(?<day>\d{1,2})\s+${CLOCK}${ZONE}\s+(?<year>\d{4})`,
].map((form) => new RegExp(`^${form}$`, "i"));

/** A count in decimal notation, with an exponent where a program prints large numbers so. */
const NUMBER = /^\d+(\.\d+)?(e\+?\d+)?$/i;

/**
 * Unix ms of a time as senders write it, cut to the millisecond. Null: it is none of the forms below, names a day or an hour that does not exist,
 * or lies outside of the years 0000-9999 in UTC, which no Kubernetes object could hold. Never throws; reads the same on every engine.
 *
 * - RFC 3339 and ISO 8601: `2026-11-27T02:00:00.5Z`, in any case, with a space for the `T`, a comma before the fraction, `/` or `.` in the date,
 *   without seconds, without separators (`20261127T020000Z`).
 * - What Go, Python, Ruby, Java and PostgreSQL print: `2026-11-27 02:00:00.5 +0000 UTC m=+0.1`, `2026-11-27T03:00:00+01:00[Europe/Paris]`.
 * - RFC 1123 and 2822, `date`, asctime and JavaScript: `Fri, 27 Nov 2026 02:00:00 GMT`, `Fri Nov 27 02:00:00 UTC 2026`.
 * - Zones: `Z`, `UTC`, `UT`, `GMT`, `+01:00`, `+0100`, `+01`, `UTC+1`; none is UTC. Beside an offset a zone's name says nothing more; without
 *   one it is not read, as `CST` is the name of three zones.
 * - A number, or its text, of seconds, ms, µs or ns since 1970, to the nearest ms: the one that falls between 1973 and 2286.
 *
 * A day without an hour is not read: it does not tell when something began, nor is what has two readings (`01/02/2026`).
 */
export function parseTimestamp(told: unknown): number | null {
  if (typeof told === "number") return parseEpoch(told);
  if (typeof told !== "string") return null;
  const text = told.trim();
  if (text.length > CHARACTERS_MAX) return null;
  if (NUMBER.test(text)) return parseEpoch(Number(text));
  for (const form of FORMS) {
    const parts = form.exec(text)?.groups;
    if (parts) return momentOf(parts);
  }
  return null;
}

/** Outside of these seconds a number is more likely a duration, a serial number or a mistake. */
const EPOCH_SECONDS_MIN = 1e8;
const EPOCH_SECONDS_END = 1e10;

function parseEpoch(count: number): number | null {
  for (const perSecond of [1, 1e3, 1e6, 1e9]) {
    const seconds = count / perSecond;
    if (seconds >= EPOCH_SECONDS_MIN && seconds < EPOCH_SECONDS_END) return Math.round(seconds * 1_000);
  }
  return null;
}

function momentOf(parts: Readonly<Record<string, string | undefined>>): number | null {
  const { year, name = "", day = "", hour, minute, second = "00", fraction = "", sign, hours, minutes } = parts;
  const month = parts.month ?? `${MONTHS.indexOf(name.toLowerCase()) / 3 + 1}`;
  const local = `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}T${hour}:${minute}:${second}.${fraction.slice(0, 3).padEnd(3, "0")}Z`;
  const localMs = Date.parse(local);
  // Engines differ in what they make of 30 February or 24:00; only what reads back the same is a real moment.
  if (Number.isNaN(localMs) || new Date(localMs).toISOString() !== local) return null;
  const offsetMs = (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * 60_000;
  const ms = sign === "-" ? localMs + offsetMs : localMs - offsetMs;
  return ms >= EARLIEST_MS && ms <= LATEST_MS ? ms : null;
}
