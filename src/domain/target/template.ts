import type { Labels } from "../labels.ts";

/** A text with `{label}`s in it, cut into its literal pieces and the labels between them. */
export interface Template {
  /** One more than labels; any may be empty. */
  readonly literals: readonly string[];
  readonly labels: readonly string[];
}

/** A label between braces; label names as Prometheus and OpenTelemetry write them. */
const PLACEHOLDER = /\{([A-Za-z_][A-Za-z0-9_.]*)\}/;

/** Null: a brace stands where none may. */
export function templateOf(text: string): Template | null {
  const pieces = text.split(PLACEHOLDER);
  const literals = pieces.filter((_, index) => index % 2 === 0);
  return literals.some((literal) => /[{}]/.test(literal)) ? null : { literals, labels: pieces.filter((_, index) => index % 2 === 1) };
}

/** The template with an alert's labels in it, or the first of its labels that the alert lacks. */
export function fill({ literals, labels: names }: Template, labels: Labels): { readonly text: string } | { readonly missing: string } {
  const missing = names.find((name) => !labels[name]);
  if (missing !== undefined) return { missing };
  return { text: literals.map((literal, index) => literal + (labels[names[index] ?? ""] ?? "")).join("") };
}
