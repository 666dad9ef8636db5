import type { WindowRules } from "../../domain/window-rules.ts";

/** Longest life in ms, and most members. */
export interface StormLimits {
  readonly maxMs: number;
  readonly alertsMax: number;
}

/** What a window is beside the record of its request. Times in Unix ms. */
export interface Storm {
  readonly group: string;
  readonly alertname: string;
  /** Those of its opening. */
  readonly rules: WindowRules;
  readonly limits: StormLimits;
  /** In the order of joining, by their place in it. */
  readonly members: Map<number, { readonly fingerprint: string; readonly target: string }>;
  /** The place last given. */
  seq: number;
  /** Members whose last instance is not resolved. */
  firing: number;
  openedAtMs: number;
  /** When it is to be swept; null: not before its request ends. */
  dueMs: number | null;
  /** It stayed below the threshold: its members get requests of their own. */
  expired: boolean;
  /** Members up to here go into the object when it is made. */
  carried: number;
  /** Members up to here are listed in the object's status. */
  listed: number;
  /** How many the object was last seen to list. */
  listedMembers: number;
  /** Members of the storm that it adopted. */
  adoptedMembers: number;
  closedAtMs: number | null;
  showsClosed: boolean;
  /** When its request ended. */
  overMs: number;
  /** The window that its members go to which nobody has worked on; null: none yet. */
  next: string | null;
}

/** A window's storm with no member yet. */
export const newStorm = (start: Pick<Storm, "group" | "alertname" | "rules" | "limits">, nowMs: number): Storm => ({
  ...start,
  members: new Map(),
  seq: 0,
  firing: 0,
  openedAtMs: nowMs,
  dueMs: nowMs + start.rules.firstRequestMs,
  expired: false,
  carried: 0,
  listed: 0,
  listedMembers: 0,
  adoptedMembers: 0,
  closedAtMs: null,
  showsClosed: false,
  overMs: 0,
  next: null,
});
