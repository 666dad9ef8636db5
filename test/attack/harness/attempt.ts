import type { Seen, Sending } from "./exchange.ts";
import type { Stage } from "./stage.ts";

/** Where attempts run. A Worker is a gateway only. */
export const PLATFORMS = ["Bun", "Deno", "Node", "workerd"] as const;
export type Platform = (typeof PLATFORMS)[number];

/** Where an attempt is made that is no well-formed HTTP: before a Worker stands the HTTP server of who runs it. */
export const PROCESSES: readonly Platform[] = ["Bun", "Deno", "Node"];

/** What is attacked. The open gateway has no sources, and serves whoever is on its machine. */
export type Part = "gateway" | "open gateway" | "proxy" | "bridge" | "emulation";

/** What must hold of an attempt, in words and as a check that throws where it does not. */
export interface Guarantee {
  readonly text: string;
  check(seen: Seen, stage: Stage): void | Promise<void>;
}

export interface Attempt {
  /** Once per kind, for people who read a list of failures. */
  readonly name: string;
  readonly at: Part;
  /** Absent: wherever the part runs. */
  readonly on?: readonly Platform[];
  sends(stage: Stage): Sending | Promise<Sending>;
  readonly holds: Guarantee;
}

/** Attempts of one kind. Its controls are the honest calls beside them: a part that refuses everything would withstand every attack. */
export interface Kind {
  readonly name: string;
  readonly controls: readonly Attempt[];
  readonly attempts: readonly Attempt[];
}

/** The platforms on which an attempt is made. */
export const platformsOf = ({ at, on }: Attempt): readonly Platform[] =>
  PLATFORMS.filter((platform) => (on?.includes(platform) ?? true) && (platform !== "workerd" || at === "gateway"));
