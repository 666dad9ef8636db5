// What Redis' commands take and give, and how it writes numbers.

/** A reply of a command or a script; strings are binary. */
export type Reply = number | string | null | Status | CommandError | readonly Reply[];

/** A reply such as OK, which a script sees as a table with `ok`. */
export class Status {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** An error that Redis answers a command with; its text begins with a word in capitals. */
export class CommandError extends Error {}

export const NOT_AN_INTEGER = "ERR value is not an integer or out of range";

/** An integer as Redis reads one, or its refusal. */
export function integerOf(text: string, refusal: string = NOT_AN_INTEGER): number {
  if (!/^(0|-?[1-9]\d{0,18})$/.test(text)) throw new CommandError(refusal);
  return Number(text);
}

/** A score as Redis reads one, or its refusal. */
export function scoreOf(text: string, refusal = "ERR value is not a valid float"): number {
  const infinite = /^([+-]?)inf(inity)?$/i.exec(text);
  if (infinite) return infinite[1] === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) throw new CommandError(refusal);
  return Number(text);
}

/** A number as C's "%.17g" writes it, which is how Redis passes on a number of Lua and tells a score. */
export function numberText(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  if (Object.is(value, -0)) return "-0";
  if (Number.isInteger(value) && Math.abs(value) < 1e17) return String(value);
  const [digits = "", exponent = ""] = value.toExponential(16).split("e");
  const power = Number(exponent);
  if (power >= -4 && power < 17) return value.toFixed(16 - power).replace(/\.?0+$/, "");
  const sign = power < 0 ? "-" : "+";
  return `${digits.replace(/\.?0+$/, "")}e${sign}${String(Math.abs(power)).padStart(2, "0")}`;
}
