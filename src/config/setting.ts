import * as z from "zod/mini";
import type { Role } from "./config.ts";

/** One row of the settings table. `D` is the default's type: null where the setting may be missing. */
export interface Setting<T, D extends T | null = T | null> {
  readonly schema: z.core.$ZodType<T, string>;
  readonly unit: string | null;
  /** What a value may be, for people. */
  readonly allowed: string;
  readonly default: D;
  /** The default in words where it depends on other settings. */
  readonly defaultNote: string | null;
  /** Belongs where secrets are kept. */
  readonly secret: boolean;
  readonly roles: readonly Role[];
}

interface Description<D> {
  readonly default: D;
  readonly roles: readonly Role[];
  readonly unit?: string;
  readonly defaultNote?: string;
  readonly secret?: boolean;
}

/** A whole number in decimal digits, bounds included. */
export function integer<D extends number | null>({
  min,
  max,
  ...description
}: Description<D> & { min: number; max: number }): Setting<number, D> {
  const message = `must be a whole number from ${min} to ${max}`;
  const digits = z.string().check(z.regex(/^\d{1,15}$/, message));
  const number = z.number().check(z.minimum(min, message), z.maximum(max, message));
  return row(z.pipe(z.pipe(digits, z.transform(Number)), number), `${grouped(min)} to ${grouped(max)}`, description);
}

/** One of a few words. */
export function choice<const T extends string, D extends T | null>({
  of,
  ...description
}: Description<D> & { of: readonly T[] }): Setting<T, D> {
  return row(z.enum(of, `must be one of ${of.join(", ")}`), of.map((word) => `\`${word}\``).join(", "), description);
}

/** `true` or `false`, nothing like it. */
export function flag(description: Description<boolean>): Setting<boolean, boolean> {
  const words = z.enum(["true", "false"], "must be true or false");
  return row(
    z.pipe(
      words,
      z.transform((word) => word === "true"),
    ),
    "`true`, `false`",
    description,
  );
}

/** Anything with a schema of its own, whose messages complete "NAME …". */
export function shaped<T, D extends T | null>({
  schema,
  allowed,
  ...description
}: Description<D> & { schema: z.core.$ZodType<T, string>; allowed: string }): Setting<T, D> {
  return row(schema, allowed, description);
}

const row = <T, D extends T | null>(schema: z.core.$ZodType<T, string>, allowed: string, description: Description<D>): Setting<T, D> => ({
  unit: null,
  defaultNote: null,
  secret: false,
  ...description,
  schema,
  allowed,
});

/** 100000 as 100,000. */
const grouped = (number: number): string => number.toLocaleString("en-US");
