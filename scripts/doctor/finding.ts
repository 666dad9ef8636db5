/** What the doctor looks at. */
export type Part = "settings" | "redis" | "proxy" | "kubernetes" | "sweep" | "alertmanager";

/** One thing that was looked at. */
export interface Finding {
  readonly part: Part;
  /** `unknown`: it could not be found out from here. */
  readonly state: "ok" | "wrong" | "unknown";
  /** Names the cause in a word or two, the same in every version. */
  readonly cause: string;
  /** For people; without the value of any secret. */
  readonly says: string;
  /** The one command that comes next; null: none is needed. */
  readonly next: string | null;
}

type Rest = readonly [cause: string, says: string, next: string];

/** How a part words its findings. */
export const findingsOf = (part: Part) => ({
  ok: (cause: string, says: string): Finding => ({ part, state: "ok", cause, says, next: null }),
  wrong: (...[cause, says, next]: Rest): Finding => ({ part, state: "wrong", cause, says, next }),
  unknown: (...[cause, says, next]: Rest): Finding => ({ part, state: "unknown", cause, says, next }),
});

const MARKS = { ok: "ok     ", wrong: "WRONG  ", unknown: "unknown" } as const;

/** A line for each finding, and under it what to do. */
export const linesOf = (findings: readonly Finding[]): string[] =>
  findings.flatMap(({ part, state, cause, says, next }) => [
    `${MARKS[state]} ${part.padEnd(12)} ${says} [${cause}]`,
    ...(next === null ? [] : [`${" ".repeat(21)}next: ${next}`]),
  ]);
