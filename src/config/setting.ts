import * as v from "valibot";
import { percentOf, SHARE } from "../domain/feature.ts";
import type { Role } from "./config.ts";

/** One row of the settings table. `D` is the default's type: null where the setting may be missing. */
export interface Setting<T, D extends T | null = T | null> {
  readonly schema: v.GenericSchema<string, T>;
  readonly unit: string | null;
  /** What a value may be, for people. */
  readonly allowed: string;
  readonly default: D;
  /** The default in words where it depends on other settings, or is written otherwise. */
  readonly defaultNote: string | null;
  /** Belongs where secrets are kept. */
  readonly secret: boolean;
  readonly roles: readonly Role[];
}

interface Description<D> {
  readonly default: D;
  readonly roles: readonly Role[];
  readonly unit?: string;
  readonly defaultNote?: string | null;
  readonly secret?: boolean;
}

/** A whole number in decimal digits, bounds included. */
export function integer<D extends number | null>({
  min,
  max,
  ...description
}: Description<D> & { min: number; max: number }): Setting<number, D> {
  const message = `must be a whole number from ${min} to ${max}`;
  const schema = v.pipe(
    v.string(),
    v.regex(/^\d{1,15}$/, message),
    v.transform(Number),
    v.minValue(min, message),
    v.maxValue(max, message),
  );
  return row(schema, `${grouped(min)} to ${grouped(max)}`, description);
}

/** One of a few words. */
export function choice<const T extends string, D extends T | null>({
  of,
  ...description
}: Description<D> & { of: readonly T[] }): Setting<T, D> {
  const schema = v.pipe(v.string(), v.picklist(of, `must be one of ${of.join(", ")}`));
  return row(schema, of.map((word) => `\`${word}\``).join(", "), description);
}

/** `true` or `false`, nothing like it. */
export function flag(description: Description<boolean>): Setting<boolean, boolean> {
  const words = v.picklist(["true", "false"], "must be true or false");
  const schema = v.pipe(
    v.string(),
    words,
    v.transform((word) => word === "true"),
  );
  return row(schema, "`true`, `false`", description);
}

/** A feature: `true`, `false`, or the percent of namespaces that have it. In percent. */
export function share(description: Description<number>): Setting<number, number> {
  const schema = v.pipe(v.string(), v.regex(SHARE, "must be true, false, or a share from 0% to 100%"), v.transform(percentOf));
  return row(schema, "`true`, `false`, `0%` to `100%`", { ...description, defaultNote: description.default === 100 ? "`true`" : null });
}

/** Anything with a schema of its own, whose messages complete "NAME …". */
export function shaped<T, D extends T | null>({
  schema,
  allowed,
  ...description
}: Description<D> & { schema: v.GenericSchema<string, T>; allowed: string }): Setting<T, D> {
  return row(schema, allowed, description);
}

const row = <T, D extends T | null>(schema: v.GenericSchema<string, T>, allowed: string, description: Description<D>): Setting<T, D> => ({
  unit: null,
  defaultNote: null,
  secret: false,
  ...description,
  schema,
  allowed,
});

/** 100000 as 100,000. */
const grouped = (number: number): string => number.toLocaleString("en-US");
