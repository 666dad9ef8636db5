import type { Labels } from "./labels.ts";

/** `spec.environment` holds 1-63 characters. */
const CHARACTERS_MAX = 63;

/** Environment of an alert: its label `environment` or `env`, else its source's, else `unknown`. 1-63 characters. */
export function environmentOf(labels: Labels, fallback: string | null): string {
  const told = [labels.environment, labels.env, fallback].map((word) => word?.trim()).find(Boolean) ?? "unknown";
  return [...told].slice(0, CHARACTERS_MAX).join("");
}
