import type { Priority, Severity } from "./remediation-request.ts";

/** How urgent a problem is, as its alerts say. */
export interface Urgency {
  readonly severity: Severity;
  readonly priority: Priority;
}

/** From the highest on. */
export const SEVERITIES: readonly Severity[] = ["critical", "warning", "info"];
export const PRIORITIES: readonly Priority[] = ["P0", "P1", "P2", "P3"];

/** The first of `order` that occurs. */
const highest = <Word>(order: readonly Word[], words: readonly Word[]): Word => order.find((word) => words.includes(word)) as Word;

/** The highest severity and the highest priority among one or more, which may be of two. */
export const highestOf = (...all: readonly [Urgency, ...Urgency[]]): Urgency => ({
  severity: highest(
    SEVERITIES,
    all.map(({ severity }) => severity),
  ),
  priority: highest(
    PRIORITIES,
    all.map(({ priority }) => priority),
  ),
});

/** Whether either is higher than that of the other. */
export const rises = (urgency: Urgency, above: Urgency): boolean => !equalUrgency(highestOf(urgency, above), above);

/** Whether both are the same in either. */
export const equalUrgency = (left: Urgency, right: Urgency): boolean =>
  left.severity === right.severity && left.priority === right.priority;
